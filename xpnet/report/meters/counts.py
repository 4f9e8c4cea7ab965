"""Correct, wrong, rejected."""

from dataclasses import dataclass

from xpnet._typing import HostArray
from xpnet.report.meters.checks import checked_flags, checked_labels, require_same_length
from xpnet.report.meters.ratio import ratio


@dataclass(frozen=True)
class Counts:
    """How many answers were correct, wrong and rejected; rates are shares of 1, NaN of no samples."""

    correct: int = 0
    errors: int = 0
    rejected: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.correct + other.correct, self.errors + other.errors, self.rejected + other.rejected)

    @property
    def count(self) -> int:
        """All samples."""
        return self.correct + self.errors + self.rejected

    @property
    def correct_rate(self) -> float:
        """Correct answers among all samples."""
        return float(ratio(self.correct, self.count))

    @property
    def error_rate(self) -> float:
        """Wrong answers that were not rejected, among all samples."""
        return float(ratio(self.errors, self.count))

    @property
    def reject_rate(self) -> float:
        """Rejected answers among all samples."""
        return float(ratio(self.rejected, self.count))

    @property
    def accepted_error_rate(self) -> float:
        """Wrong answers among those that were accepted."""
        return float(ratio(self.errors, self.count - self.rejected))


def count(answered: HostArray, desired: HostArray, rejected: HostArray | None = None) -> Counts:
    """Correct, wrong and rejected among answers (N,), labels (N,) and rejections (N,); -1 answers nothing: rejected.

    >>> import numpy as np
    >>> counts = count(np.array([0, 1, 2, 2]), np.array([0, 1, 1, 0]), np.array([False, False, False, True]))
    >>> counts, counts.error_rate, round(counts.accepted_error_rate, 4)
    (Counts(correct=2, errors=1, rejected=1), 0.25, 0.3333)
    """
    answered, desired = checked_labels("answered", answered, least=-1), checked_labels("desired", desired)
    refused = refusals(answered, rejected)
    require_same_length(answered=answered, desired=desired, rejected=refused)
    right = int(((answered == desired) & ~refused).sum())
    return Counts(right, len(desired) - right - int(refused.sum()), int(refused.sum()))


def refusals(answered: HostArray, rejected: HostArray | None) -> HostArray:
    """The answers (N,) that count as rejected: those that are -1, and those that were."""
    nothing = answered < 0
    if rejected is None:
        return nothing
    flags = checked_flags("rejected", rejected)
    require_same_length(answered=answered, rejected=flags)
    return nothing | flags
