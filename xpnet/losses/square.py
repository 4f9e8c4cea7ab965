"""Losses that pull the correct energy to 0 by a square and push the most offending one up apart from it."""

from typing import final

from xpnet._typing import Array
from xpnet.losses.gap import positive
from xpnet.losses.pair import PairLoss


@final
class SquareSquareLoss(PairLoss):
    """L = E_C² + max(0, m - E_I)²: for energies with a natural zero, such as distances.

    Margin: m. (Table 1 of the tutorial prints a minus between the squares; its equation has the plus.)
    """

    margin: float

    def __init__(self, margin: float = 1.0) -> None:
        self.margin = positive(margin, "margin")

    def pair(self, correct: Array, offending: Array) -> Array:
        """E_C² + max(0, m - E_I)²."""
        return correct * correct + self._missing(offending) ** 2

    def pair_slopes(self, correct: Array, offending: Array) -> tuple[Array, Array]:
        """2 E_C and -2 max(0, m - E_I)."""
        return 2.0 * correct, -2.0 * self._missing(offending)

    def pair_bends(self, correct: Array, offending: Array) -> tuple[Array, Array]:
        """2, and 2 where E_I is below m."""
        two = 2.0 * self.xp.ones_like(correct)
        return two, self.xp.where(offending < self.margin, two, 0.0)

    def _missing(self, offending: Array) -> Array:
        return self.xp.where(offending >= self.margin, 0.0, self.margin - offending)  # NaN stays, so that it is seen

    def describe(self) -> str:
        """margin."""
        return f"margin={self.margin}"


@final
class SquareExponentialLoss(PairLoss):
    """L = E_C² + γ exp(-E_I): like square-square, but it never stops pushing up.

    Margin: ever further, ever more gently.
    """

    def __init__(self, gamma: float = 1.0) -> None:
        self.gamma = positive(gamma, "gamma")

    def pair(self, correct: Array, offending: Array) -> Array:
        """E_C² + γ exp(-E_I)."""
        return correct * correct + self._push(offending)

    def pair_slopes(self, correct: Array, offending: Array) -> tuple[Array, Array]:
        """2 E_C and -γ exp(-E_I)."""
        return 2.0 * correct, -self._push(offending)

    def pair_bends(self, correct: Array, offending: Array) -> tuple[Array, Array]:
        """2 and γ exp(-E_I)."""
        return 2.0 * self.xp.ones_like(correct), self._push(offending)

    def _push(self, offending: Array) -> Array:
        return self.gamma * self.xp.exp(-offending)

    def describe(self) -> str:
        """gamma."""
        return f"gamma={self.gamma}"
