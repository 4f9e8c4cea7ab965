"""Losses that compare two energies: the correct answer's, and that of the most offending incorrect one."""

import math
from abc import abstractmethod

from xpnet._typing import Array
from xpnet.backend import OpsTable
from xpnet.losses.loss import Loss


class PairLoss(Loss):
    """L = ℓ(E_C, E_I) with E_C = E(Y) and E_I = min_{k ≠ Y} E_k, which is +∞ where there is no other answer."""

    rivals_suffice = True

    @abstractmethod
    def pair(self, correct: Array, offending: Array) -> Array:
        """ℓ(E_C, E_I), elementwise; E_I may be +∞."""

    @abstractmethod
    def pair_slopes(self, correct: Array, offending: Array) -> tuple[Array, Array]:
        """∂ℓ/∂E_C and ∂ℓ/∂E_I."""

    @abstractmethod
    def pair_bends(self, correct: Array, offending: Array) -> tuple[Array, Array]:
        """∂²ℓ/∂E_C² and ∂²ℓ/∂E_I²."""

    def values(self, energies: Array) -> Array:
        """ℓ of every answer with its own most offending rival."""
        return self.pair(*self._pairs(energies))

    def slopes(self, energies: Array, weights: Array) -> Array:
        """w_k ∂ℓ/∂E_C, and each ∂ℓ/∂E_I for the answer that offends."""
        by_correct, by_offending = self.pair_slopes(*self._pairs(energies))
        return weights * by_correct + self.ops.rivals_vjp(weights * by_offending, energies)

    def bends(self, energies: Array, weights: Array) -> Array:
        """The same with second derivatives: no answer is its own rival, so nothing mixes."""
        by_correct, by_offending = self.pair_bends(*self._pairs(energies))
        return weights * by_correct + self.ops.rivals_vjp(weights * by_offending, energies)

    def _pairs(self, energies: Array) -> tuple[Array, Array]:
        # Forbidden answers are dealt with by Loss; here they must only not make ∞ - ∞.
        return self.xp.where(energies == math.inf, 0.0, energies), self.ops.rivals(energies)


class GapLoss(PairLoss):
    """L = f(E_C - E_I): only the gap counts."""

    @abstractmethod
    def gap(self, gap: Array) -> tuple[Array, Array, Array]:
        """f, f' and f'' of the gap E_C - E_I, which may be -∞."""

    def pair(self, correct: Array, offending: Array) -> Array:
        """f."""
        return self.gap(correct - offending)[0]

    def pair_slopes(self, correct: Array, offending: Array) -> tuple[Array, Array]:
        """f' and -f'."""
        slope = self.gap(correct - offending)[1]
        return slope, -slope

    def pair_bends(self, correct: Array, offending: Array) -> tuple[Array, Array]:
        """f'' twice."""
        bend = self.gap(correct - offending)[2]
        return bend, bend


def correct_and_offending(ops: OpsTable, energies: Array, label: Array) -> tuple[Array, Array]:
    """E(Y) and min_{k ≠ Y} E_k of energies (..., K) and integers (...): what all margins are about.

    >>> import numpy as np
    >>> from xpnet.backend import get_backend
    >>> correct_and_offending(get_backend("numpy").ops, np.asarray([[3.0, 1.0, 2.0]]), np.asarray([1]))
    (array([1.]), array([2.]))
    """
    return ops.select(energies, label), ops.select(ops.rivals(energies), label)
