"""Whether answers of a confidence p are right in a share p of the cases, bin by bin."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from xpnet._typing import HostArray
from xpnet.errors import DataError

Equal = Literal["width", "count"]


@dataclass(frozen=True, eq=False)
class Reliability:
    """Mean confidence, accuracy and number of the samples of each bin (low, high] that holds any (M,)."""

    low: HostArray
    high: HostArray
    confidence: HostArray
    accuracy: HostArray
    count: HostArray

    @property
    def ece(self) -> float:
        """Expected calibration error, Σ_m count_m/N |accuracy_m - confidence_m|; NaN of no samples."""
        gaps = np.abs(self.accuracy - self.confidence)
        return float(np.average(gaps, weights=self.count)) if len(gaps) else float("nan")

    @property
    def mce(self) -> float:
        """Maximum calibration error, max_m |accuracy_m - confidence_m|; NaN of no samples."""
        return float(np.abs(self.accuracy - self.confidence).max()) if len(self.count) else float("nan")


def reliability(confidence: HostArray, right: HostArray, bins: int, equal: Equal) -> Reliability:
    """The table of probabilities (N,) and of whether the answers were right (N,), in bins of equal width or count.

    A probability on a border belongs to the bin below; equal ones are never parted, so counts may differ.

    >>> table = reliability(np.array([0.2, 0.9, 0.7, 0.8]), np.array([False, True, True, False]), 2, "width")
    >>> table.confidence.round(3).tolist(), table.accuracy.round(3).tolist(), table.count.tolist(), round(table.ece, 3)
    ([0.2, 0.8], [0.0, 0.667], [1, 3], 0.15)
    """
    if bins < 1 or equal not in ("width", "count"):
        msg = f'{bins} bins of equal {equal} were asked for; give at least 1, of equal "width" or "count"'
        raise DataError(msg)
    shares = np.linspace(0.0, 1.0, bins + 1)
    edges = shares if equal == "width" or not len(confidence) else np.quantile(confidence, shares)
    place = np.searchsorted(edges[1:-1], confidence)
    count = np.bincount(place, minlength=bins)
    held = count > 0
    mean, accuracy = (np.bincount(place, values, bins)[held] / count[held] for values in (confidence, right))
    return Reliability(edges[:-1][held], edges[1:][held], mean, accuracy, count[held])
