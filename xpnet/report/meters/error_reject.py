"""The error that remains when doubtful answers are refused."""

from dataclasses import dataclass

import numpy as np

from xpnet._typing import HostArray
from xpnet.errors import DataError
from xpnet.report.meters.checks import checked_flags, checked_numbers, require_same_length


@dataclass(frozen=True)
class OperatingPoint:
    """What comes of accepting confidences from `threshold` on: shares of 1, two of all samples, one of the accepted.

    beyond: the greatest confidence that is rejected, -∞ if none is; any threshold above it does the same.
    """

    threshold: float
    beyond: float
    reject_rate: float
    error_rate: float
    accepted_error_rate: float


@dataclass(frozen=True, eq=False)
class ErrorReject:
    """One point for each distinct confidence c (T,): answers of confidence ≥ c are accepted. c ascends.

    samples, errors: how many answers have exactly this confidence, and how many of them are wrong. Equal confidences
    are accepted or rejected together, so there is no point between them.
    """

    thresholds: HostArray
    samples: HostArray
    errors: HostArray

    def __add__(self, other: "ErrorReject") -> "ErrorReject":
        thresholds = np.concatenate([self.thresholds, other.thresholds])
        samples = np.concatenate([self.samples, other.samples])
        return _gathered(thresholds, samples, np.concatenate([self.errors, other.errors]))

    @property
    def count(self) -> int:
        """All samples."""
        return int(self.samples.sum())

    @property
    def reject_rates(self) -> HostArray:
        """The share of samples that are rejected at each threshold (T,); it ascends from 0."""
        return (self.samples.cumsum() - self.samples) / max(self.count, 1)

    @property
    def error_rates(self) -> HostArray:
        """Wrong accepted answers among all samples (T,); it descends."""
        return _from_the_top(self.errors) / max(self.count, 1)

    @property
    def accepted_error_rates(self) -> HostArray:
        """Wrong accepted answers among the accepted (T,)."""
        return _from_the_top(self.errors) / _from_the_top(self.samples)

    def area(self) -> float:
        """1/N Σ_n (error among the n most confident), 0 at best: the area under error of the accepted against coverage.

        Equal confidences count as in random order. A confidence that tells nothing has the error rate as its area.
        NaN of no samples. Geifman, Uziel & El-Yaniv, ICLR 2019.
        """
        accepted = np.arange(1, self.count + 1)
        corners = np.concatenate([[0], self.samples[::-1].cumsum()])
        wrong = np.interp(accepted, corners, np.concatenate([[0], self.errors[::-1].cumsum()]))
        return float((wrong / accepted).mean()) if self.count else float("nan")

    def at_error(self, rate: float) -> OperatingPoint | None:
        """The least rejection with at most this error among the accepted; None where only rejecting all would do.

        "1 % error at 3.2 % rejected" is `at_error(0.01).reject_rate == 0.032`.
        """
        if not 0.0 <= rate <= 1.0:
            msg = f"an error rate of {rate} was asked for, but rates go from 0 to 1; 1 % is 0.01"
            raise DataError(msg)
        reached = self.accepted_error_rates <= rate
        if not reached.any():
            return None
        place = int(reached.argmax())
        rates = (self.reject_rates, self.error_rates, self.accepted_error_rates)
        beyond = float(self.thresholds[place - 1]) if place else -np.inf
        return OperatingPoint(float(self.thresholds[place]), beyond, *(float(each[place]) for each in rates))


def error_reject(confidence: HostArray, wrong: HostArray) -> ErrorReject:
    """The curve of N answers: confidence (N,) is a margin, a probability or minus an energy, and may be ±∞; wrong (N,).

    >>> curve = error_reject(np.array([0.9, 0.1, 0.5, 0.5]), np.array([False, True, True, False]))
    >>> curve.reject_rates.tolist(), curve.error_rates.tolist(), round(curve.area(), 3)
    ([0.0, 0.25, 0.75], [0.5, 0.25, 0.0], 0.271)
    >>> curve.at_error(0.4)
    OperatingPoint(threshold=0.5, beyond=0.1, reject_rate=0.25, error_rate=0.25, accepted_error_rate=0.3333333333333333)
    """
    confidence, wrong = checked_numbers("confidence", confidence), checked_flags("wrong", wrong)
    require_same_length(confidence=confidence, wrong=wrong)
    return _gathered(confidence, np.ones(len(wrong), np.int64), wrong.astype(np.int64))


def _gathered(confidence: HostArray, samples: HostArray, errors: HostArray) -> ErrorReject:
    thresholds, place = np.unique(confidence, return_inverse=True)
    size = len(thresholds)
    totals = (np.bincount(place, weights=each, minlength=size).astype(np.int64) for each in (samples, errors))
    return ErrorReject(thresholds, *totals)


def _from_the_top(counts: HostArray) -> HostArray:
    return counts[::-1].cumsum()[::-1]
