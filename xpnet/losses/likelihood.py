"""Losses over the Gibbs distribution of the energies: MAP/MLE, and minimum empirical error."""

from typing import final

from xpnet._typing import Array
from xpnet.losses.loss import Loss
from xpnet.modules.gibbs import checked_beta


@final
class NegativeLogLikelihood(Loss):
    """L = E(Y) + 1/β log Σ_k exp(-β E_k) = -1/β log P(Y): the lecture's MAP/MLE loss, also called NLL or MMI.

    For a desired distribution it is the cross-entropy. Margin: ever further, ever more gently.

    >>> import numpy as np
    >>> from xpnet.state import State
    >>> energies, loss = State(-np.log([[0.1, 0.1, 0.7, 0.1]])), State()
    >>> NegativeLogLikelihood().fprop(energies, State(np.asarray([2]), fixed=True), loss)
    >>> loss.x.round(4).tolist()
    [0.3567]
    """

    def __init__(self, beta: float = 1.0) -> None:
        self.beta = checked_beta(beta)

    def values(self, energies: Array) -> Array:
        """-1/β log P_y."""
        return self.ops.surprisal(energies, self.beta)

    def slopes(self, energies: Array, weights: Array) -> Array:
        """w_k - P_k Σ w."""
        return weights - self.ops.softmax(energies, self.beta) * self.xp.sum(weights, axis=-1, keepdims=True)

    def bends(self, energies: Array, weights: Array) -> Array:
        """β P_k (1 - P_k) Σ w."""
        p = self.ops.softmax(energies, self.beta)
        return self.beta * p * (1.0 - p) * self.xp.sum(weights, axis=-1, keepdims=True)

    def describe(self) -> str:
        """beta."""
        return f"beta={self.beta}"


@final
class MeeLoss(Loss):
    """L = 1 - P(Y) with P = softmax(-β E): the expected number of errors of the Gibbs distribution.

    Minimum empirical error (Ljolje et al. 1990). Bounded, so a few hopeless samples do not dominate. Margin: ever
    further, ever more gently.
    """

    def __init__(self, beta: float = 1.0) -> None:
        self.beta = checked_beta(beta)

    def values(self, energies: Array) -> Array:
        """1 - P_y."""
        return 1.0 - self.ops.softmax(energies, self.beta)

    def slopes(self, energies: Array, weights: Array) -> Array:
        """β P_k (w_k - Σ_y w_y P_y)."""
        p = self.ops.softmax(energies, self.beta)
        return self.beta * p * (weights - self.xp.sum(weights * p, axis=-1, keepdims=True))

    def bends(self, energies: Array, weights: Array) -> Array:
        """-β² P_k (1 - 2 P_k) (w_k - Σ_y w_y P_y)."""
        p = self.ops.softmax(energies, self.beta)
        return -self.beta * (1.0 - 2.0 * p) * self.slopes(energies, weights)

    def describe(self) -> str:
        """beta."""
        return f"beta={self.beta}"
