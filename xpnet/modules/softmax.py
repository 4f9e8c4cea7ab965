"""The softmax module of the lecture: from energies to probabilities."""

from typing import ClassVar, final

from xpnet.module import Module
from xpnet.modules.logsum import checked_beta
from xpnet.state import State


@final
class Softmax(Module):
    """P_k = exp(-β X_k) / Σ_j exp(-β X_j): the Gibbs distribution of the energies X (..., K).

    beta: inverse temperature; low energies are likely for β > 0. Energies of +∞ have probability 0.

    >>> import numpy as np
    >>> x, p = State(np.asarray([1.0, 2.0, 3.0])), State()
    >>> Softmax().fprop(x, p)
    >>> p.x.round(9).tolist()
    [0.665240956, 0.244728471, 0.090030573]
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1,)

    def __init__(self, beta: float = 1.0) -> None:
        self.beta = checked_beta(beta, zero_allowed=True)

    def fprop(self, input: State, output: State) -> None:
        """P = softmax(-β X)."""
        output.x = self.ops.softmax(input.x, self.beta)

    def bprop(self, input: State, output: State) -> None:
        """dX_j += -β P_j (dP_j - Σ_i P_i dP_i)."""
        input.accumulate(self.ops.softmax_vjp(output.cotangent, output.x, self.beta))

    def bbprop(self, input: State, output: State) -> None:
        """ddX_j += Σ_i (β P_i (δ_ij - P_j))² ddP_i."""
        input.accumulate_ddx(self.ops.softmax_squared_vjp(output.curvature, output.x, self.beta))

    def describe(self) -> str:
        """beta."""
        return f"beta={self.beta}"
