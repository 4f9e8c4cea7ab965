"""The log loss of a probability: the last box of softmax + switch + log."""

from typing import ClassVar, final

from xpnet.module import Cost
from xpnet.modules.gibbs import checked_beta
from xpnet.modules.switch import require_integers
from xpnet.state import State


@final
class LogLoss(Cost):
    """E = -1/β log P_Y: probabilities P (..., K) and a discrete input Y, integers (...), to energies (...).

    Behind Softmax(beta) it is the negative log-likelihood in steps, as the lecture draws it; CrossEntropy computes the
    same from the energies, and stays finite where P_Y underflows. P_Y = 0 gives +∞ and no gradient, a Y outside 0 … K-1
    NaN.

    >>> import numpy as np
    >>> p, y, energy = State(np.asarray([0.1, 0.1, 0.7, 0.1])), State(np.asarray(2), fixed=True), State()
    >>> LogLoss().fprop(p, y, energy)
    >>> round(float(energy.x), 4)
    0.3567
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1, 0)

    def __init__(self, beta: float = 1.0) -> None:
        self.beta = checked_beta(beta)

    def takes_symbols(self, port: int) -> bool:
        """The label is an integer, so a trainer's label set is 0 … K-1."""
        return port == 1

    def fprop(self, input: State, label: State, energy: State) -> None:
        """E = -1/β log P_Y."""
        require_integers(self, label.x)
        energy.x = self.ops.log_loss(input.x, label.x, self.beta)

    def bprop(self, input: State, label: State, energy: State) -> None:
        """dP_k += -δ(Y - k) dE / (β P_k)."""
        if not input.fixed:
            input.accumulate(self.ops.log_loss_vjp(energy.cotangent, input.x, label.x, self.beta))

    def bbprop(self, input: State, label: State, energy: State) -> None:
        """ddP_k += δ(Y - k) (dE / (β P_k²) + ddE / (β P_k)²)."""
        if not input.fixed:
            input.accumulate_ddx(self.ops.log_loss_curvature(energy.cotangent, input.x, label.x, self.beta))
            input.accumulate_ddx(self.ops.log_loss_squared_vjp(energy.curvature, input.x, label.x, self.beta))

    def describe(self) -> str:
        """beta."""
        return f"beta={self.beta}"
