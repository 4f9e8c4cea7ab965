"""Whether P(answer) means what it says."""

from dataclasses import dataclass

import numpy as np

from xpnet._typing import HostArray
from xpnet.errors import DataError
from xpnet.report.meters.checks import checked_flags, checked_numbers, require_same_length
from xpnet.report.meters.reliability import Equal, Reliability, reliability

BINS = 15  # as in Guo et al. 2017


@dataclass(frozen=True, eq=False)
class Calibration:
    """P(answer) of each sample (N,), whether the answer was right (N,), and -log P(desired) (N,) if it was given."""

    confidence: HostArray
    right: HostArray
    surprisal: HostArray | None = None

    def __add__(self, other: "Calibration") -> "Calibration":
        if (self.surprisal is None) != (other.surprisal is None):
            msg = "one batch has -log P(desired) and the other has not; give it with all or with none"
            raise DataError(msg)
        both = None if self.surprisal is None else np.concatenate([self.surprisal, other.surprisal])
        confidence = np.concatenate([self.confidence, other.confidence])
        return Calibration(confidence, np.concatenate([self.right, other.right]), both)

    def reliability(self, bins: int = BINS, equal: Equal = "width") -> Reliability:
        """Confidence beside accuracy in bins of equal "width" or "count"; its errors are `.ece` and `.mce`."""
        return reliability(self.confidence, self.right, bins, equal)

    @property
    def brier(self) -> float:
        """1/N Σ (P(answer) - right)², the Brier score of being right; NaN of no samples."""
        return _mean((self.confidence - self.right) ** 2)

    @property
    def nll(self) -> float | None:
        """1/N Σ -log P(desired), None where that was not given."""
        return None if self.surprisal is None else _mean(self.surprisal)


def calibrate(probability: HostArray, right: HostArray, surprisal: HostArray | None = None) -> Calibration:
    """Calibration of N answers: P(answer), whether it is the desired label, and -log P(desired), which may be +∞.

    >>> result = calibrate(np.array([0.9, 0.6]), np.array([True, False]))
    >>> round(result.brier, 3), round(result.reliability().ece, 3), result.nll
    (0.185, 0.35, None)
    """
    probability, right = checked_numbers("probability", probability, 0.0, 1.0), checked_flags("right", right)
    require_same_length(probability=probability, right=right)
    if surprisal is not None:
        surprisal = checked_numbers("surprisal", surprisal, 0.0)
        require_same_length(probability=probability, surprisal=surprisal)
    return Calibration(probability, right, surprisal)


def _mean(values: HostArray) -> float:
    return float(values.mean()) if len(values) else float("nan")
