"""The softmax module of the lecture: from energies to probabilities."""

from typing import final

from xpnet.modules.gibbs import Gibbs
from xpnet.parameters.parameter import Parameter
from xpnet.state import State


@final
class Softmax(Gibbs):
    """P_k = exp(-β X_k) / Σ_j exp(-β X_j): the Gibbs distribution of the energies X (..., K).

    beta: inverse temperature; low energies are likely for β > 0. At beta=inf the lowest energies share all, at 0 all
    possible answers are equally likely. trainable: β learns, from that value. Energies of +∞ have probability 0.

    >>> import numpy as np
    >>> x, p = State(np.asarray([1.0, 2.0, 3.0])), State()
    >>> Softmax().fprop(x, p)
    >>> p.x.round(9).tolist()
    [0.665240956, 0.244728471, 0.090030573]
    """

    def __init__(self, beta: float = 1.0, trainable: bool = False) -> None:
        super().__init__(beta, trainable, zero_allowed=True)

    def fprop(self, input: State, output: State) -> None:
        """P = softmax(-β X)."""
        output.x = self.ops.softmax(input.x, self.beta_beside(input.x))

    def bprop(self, input: State, output: State) -> None:
        """dX_j += -β P_j (dP_j - Σ_i P_i dP_i); dβ += Σ_j dP_j P_j (Σ_i P_i X_i - X_j)."""
        dp, beta = output.cotangent, self.beta_beside(input.x)
        if not input.fixed:
            input.accumulate(self.ops.softmax_vjp(dp, output.x, beta))
        if isinstance(self.beta, Parameter):
            self.beta.accumulate(self.ops.softmax_vjp_beta(dp, input.x, beta))

    def bbprop(self, input: State, output: State) -> None:
        """ddX_j += Σ_i (β P_i (δ_ij - P_j))² ddP_i; the same through the squares of dβ's factors."""
        ddp, beta = output.curvature, self.beta_beside(input.x)
        if not input.fixed:
            input.accumulate_ddx(self.ops.softmax_squared_vjp(ddp, output.x, beta))
        if isinstance(self.beta, Parameter):
            self.beta.accumulate_ddx(self.ops.softmax_squared_vjp_beta(ddp, input.x, beta))
