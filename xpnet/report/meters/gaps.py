"""How far the desired label is from winning, or from losing."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from xpnet._typing import HostArray
from xpnet.errors import DataError
from xpnet.report.meters.checks import checked_energies, checked_labels, require_same_length


@dataclass(frozen=True, eq=False)
class GapHistogram:
    """How many gaps lie in [edges_i, edges_i+1); 0 is an edge, so no bin holds both right and wrong answers.

    below, above: how many are -∞ and +∞.
    """

    edges: HostArray
    counts: HostArray
    below: int
    above: int


@dataclass(frozen=True, eq=False)
class Gaps:
    """E(desired) - min_{k ≠ desired} E(k) of each sample (N,): negative is right with that margin, 0 a tie."""

    values: HostArray

    def __add__(self, other: "Gaps") -> "Gaps":
        return Gaps(np.concatenate([self.values, other.values]))

    @cached_property
    def signs(self) -> tuple[int, int, int]:
        """How many are negative (right), zero (tied) and positive (wrong)."""
        return int((self.values < 0).sum()), int((self.values == 0).sum()), int((self.values > 0).sum())

    def quantile(self, share: float) -> float:
        """The least gap that at least this share of the samples do not exceed; NaN of no samples."""
        if not 0.0 <= share <= 1.0:
            msg = f"a quantile of {share} was asked for, but shares go from 0 to 1"
            raise DataError(msg)
        return float(np.quantile(self.values, share, method="inverted_cdf")) if len(self.values) else float("nan")

    def histogram(self, bins: int = 40) -> GapHistogram:
        """Equally wide bins over all finite gaps and 0, about `bins` in number."""
        if bins < 1:
            msg = f"a histogram of {bins} bins was asked for; it needs at least 1"
            raise DataError(msg)
        finite = self.values[np.isfinite(self.values)]
        low, high = min(finite.min(initial=0.0), 0.0), max(finite.max(initial=0.0), 0.0)
        width = high / bins - low / bins or 1.0
        first, last = int(np.floor(low / width)), int(np.floor(high / width)) + 1
        edges = width * np.arange(first, last + 1)
        place = np.clip(np.searchsorted(edges, finite, side="right") - 1, 0, last - first - 1)
        below, above = int((self.values == -np.inf).sum()), int((self.values == np.inf).sum())
        return GapHistogram(edges, np.bincount(place, minlength=last - first), below, above)


def energy_gaps(energies: HostArray, desired: HostArray) -> Gaps:
    """The gaps of energies (N, K) and labels (N,): what a loss with a margin pushes down.

    A lone possible label has the gap -∞; a forbidden desired label has +∞, whatever the others are.

    >>> gaps = energy_gaps(np.array([[0.5, 2.0], [3.0, 1.0], [np.inf, 1.0]]), np.array([0, 0, 1]))
    >>> gaps.values.tolist(), gaps.signs
    ([-1.5, 2.0, -inf], (2, 0, 1))
    """
    energies = checked_energies(energies)
    desired = checked_labels("desired", desired, energies.shape[1])
    require_same_length(energies=energies, desired=desired)
    rows = np.arange(len(desired))
    own, rivals = energies[rows, desired], energies.copy()
    rivals[rows, desired] = np.inf
    least = rivals.min(axis=1)
    forbidden = own == np.inf
    settled = forbidden | (own == least)  # so that ∞ - ∞ never comes up
    difference = np.where(settled, 0.0, own) - np.where(settled, 0.0, least)
    return Gaps(np.where(forbidden, np.inf, difference))
