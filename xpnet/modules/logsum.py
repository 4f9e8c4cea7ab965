"""The logsum module of the lecture: the free energy of a set of answers."""

from typing import final

from xpnet.modules.gibbs import Gibbs
from xpnet.parameters.parameter import Parameter
from xpnet.state import State


@final
class Logsum(Gibbs):
    """Y = -1/β log Σ_k exp(-β X_k): energies X (..., K) to one free energy (...), a soft minimum.

    beta: β → ∞ tends to the minimum, which beta=inf gives (beta=-inf the maximum). trainable: β learns from there on.
    mean: Y = -1/β log(1/K Σ_k exp(-β X_k)), which tends to the mean of the energies as β → 0.
    A row of +∞ (no possible answer) gives +∞ and no gradient.

    >>> import numpy as np
    >>> x, y = State(np.asarray([1.0, 2.0, 3.0])), State()
    >>> Logsum().fprop(x, y)
    >>> round(float(y.x), 9)
    0.592394036
    """

    def __init__(self, beta: float = 1.0, trainable: bool = False, mean: bool = False) -> None:
        super().__init__(beta, trainable, zero_allowed=mean)
        self.mean = mean

    def fprop(self, input: State, output: State) -> None:
        """Y = -1/β log Σ_k exp(-β X_k)."""
        output.x = self.ops.logsum(input.x, self.beta_beside(input.x), self.mean)

    def bprop(self, input: State, output: State) -> None:
        """dX_k += P_k dY with P = softmax(-β X); dβ += S/β² dY with the entropy S of P."""
        dy, x, beta = output.cotangent, input.x, self.beta_beside(input.x)
        if not input.fixed:
            input.accumulate(self.ops.logsum_vjp(dy, x, beta))
        if isinstance(self.beta, Parameter):
            self.beta.accumulate(self.ops.logsum_vjp_beta(dy, x, beta, self.mean))

    def bbprop(self, input: State, output: State) -> None:
        """ddX_k += P_k² ddY; ddβ += (S/β²)² ddY."""
        ddy, x, beta = output.curvature, input.x, self.beta_beside(input.x)
        if not input.fixed:
            input.accumulate_ddx(self.ops.logsum_squared_vjp(ddy, x, beta))
        if isinstance(self.beta, Parameter):
            self.beta.accumulate_ddx(self.ops.logsum_squared_vjp_beta(ddy, x, beta, self.mean))

    def describe(self) -> str:
        """beta, trainable, mean."""
        return super().describe() + (", mean=True" if self.mean else "")
