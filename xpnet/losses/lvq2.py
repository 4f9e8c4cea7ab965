"""The LVQ2 loss: a perceptron that gives up on what is too wrong."""

from typing import final

from xpnet._typing import Array
from xpnet.losses.gap import positive
from xpnet.losses.pair import PairLoss


@final
class Lvq2Loss(PairLoss):
    """L = min(M, max(0, E_C - E_I)): outliers beyond M take no gradient.

    limit: M. delta: None for this form (Table 1 of the tutorial); a number for that of its text, which compares
    positive energies by their ratio, min(M, max(0, (E_C - E_I) / (δ E_I))), and saturates at E_C = (1 + Mδ) E_I.
    Margin: 0.
    """

    margin = 0.0

    def __init__(self, limit: float = 1.0, delta: float | None = None) -> None:
        self.limit = positive(limit, "limit")
        self.delta = None if delta is None else positive(delta, "delta")

    def pair(self, correct: Array, offending: Array) -> Array:
        """The excess, between 0 and M."""
        excess, _ = self._excess(correct, offending)
        return self.xp.clip(excess, min=0.0, max=self.limit)

    def pair_slopes(self, correct: Array, offending: Array) -> tuple[Array, Array]:
        """1 and -1, or 1/(δ E_I) and -E_C/(δ E_I²), where neither bound holds."""
        xp, (excess, base) = self.xp, self._excess(correct, offending)
        active = (excess > 0) & (excess < self.limit)
        ratio = -xp.ones_like(excess) if self.delta is None else -correct / base
        unit = 1.0 / (base if self.delta is None else self.delta * base)
        return xp.where(active, unit, 0.0), xp.where(active, ratio * unit, 0.0)

    def pair_bends(self, correct: Array, offending: Array) -> tuple[Array, Array]:
        """0 and 0, or 0 and 2 E_C/(δ E_I³), where neither bound holds."""
        xp, (excess, base) = self.xp, self._excess(correct, offending)
        nothing = xp.zeros_like(excess)
        if self.delta is None:
            return nothing, nothing
        active = (excess > 0) & (excess < self.limit)
        return nothing, xp.where(active, 2.0 * correct / (self.delta * base**3), 0.0)

    def _excess(self, correct: Array, offending: Array) -> tuple[Array, Array]:
        """What is bounded, and the energy that one may divide by."""
        xp = self.xp
        gap = correct - offending
        if self.delta is None:
            return gap, xp.ones_like(gap)
        usable = ((offending > 0) & xp.isfinite(offending)) | xp.isnan(offending)  # NaN stays, so that it is seen
        base = xp.where(usable, offending, 1.0)
        far = xp.where(gap > 0, self.limit, -xp.ones_like(gap))  # beyond all ratios: only the sign is known
        return xp.where(usable, (correct / base - 1.0) / self.delta, far), base

    def describe(self) -> str:
        """limit, delta."""
        return f"limit={self.limit}" + ("" if self.delta is None else f", delta={self.delta}")
