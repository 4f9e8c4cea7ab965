"""Losses over the Gibbs distribution of the energies: MAP/MLE, and minimum empirical error."""

from abc import abstractmethod
from typing import final

from xpnet._typing import Array
from xpnet.losses.loss import Loss
from xpnet.modules.gibbs import checked_beta
from xpnet.state import State


class GibbsLoss(Loss):
    """A loss of the desired answer's probability alone: of E(Y) - F, with the free energy F = -1/β log Σ exp(-β E).

    Over a label set too large to hold it needs these two numbers only, and its gradient P.
    """

    def __init__(self, beta: float = 1.0) -> None:
        self.beta = checked_beta(beta)

    @abstractmethod
    def of_gap(self, gap: Array) -> tuple[Array, Array]:
        """The loss and its slope for E(Y) - F = -1/β log P(Y), elementwise."""

    def describe(self) -> str:
        """beta."""
        return f"beta={self.beta}"


@final
class NegativeLogLikelihood(GibbsLoss):
    """L = E(Y) + 1/β log Σ_k exp(-β E_k) = -1/β log P(Y): the lecture's MAP/MLE loss, also called NLL or MMI.

    For a desired distribution it is the cross-entropy. Margin: ever further, ever more gently.

    >>> import numpy as np
    >>> from xpnet.state import State
    >>> energies, loss = State(-np.log([[0.1, 0.1, 0.7, 0.1]])), State()
    >>> NegativeLogLikelihood().fprop(energies, State(np.asarray([2]), fixed=True), loss)
    >>> loss.x.round(4).tolist()
    [0.3567]
    """

    def fprop(self, energies: State, label: State, loss: State) -> None:
        """-1/β log P_y, or Σ_y D_y times that."""
        if not self._hard(energies.x, label.x):
            super().fprop(energies, label, loss)
            return
        loss.x, p = self.ops.likelihood(energies.x, label.x, self.beta)
        loss.inner = (p,)  # what the way back would compute again

    def bprop(self, energies: State, label: State, loss: State) -> None:
        """dE_k += dL (δ(y - k) - P_k), or for a distribution as any loss."""
        if not self._hard(energies.x, label.x):
            super().bprop(energies, label, loss)
        elif not energies.fixed:
            kept = loss.inner if isinstance(loss.inner, tuple) else (self.ops.softmax(energies.x, self.beta),)
            energies.accumulate(self.ops.likelihood_vjp(loss.cotangent, energies.x, label.x, *kept))

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

    def of_gap(self, gap: Array) -> tuple[Array, Array]:
        """g and 1."""
        return gap, self.xp.ones_like(gap)


@final
class MeeLoss(GibbsLoss):
    """L = 1 - P(Y) with P = softmax(-β E): the expected number of errors of the Gibbs distribution.

    Minimum empirical error (Ljolje et al. 1990). Bounded, so a few hopeless samples do not dominate. Margin: ever
    further, ever more gently.
    """

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

    def of_gap(self, gap: Array) -> tuple[Array, Array]:
        """1 - e^{-βg} and β e^{-βg}."""
        p = self.xp.exp(-self.beta * gap)
        return 1.0 - p, self.beta * p
