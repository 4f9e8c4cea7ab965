"""Which labels are taken for which, and which are refused."""

from dataclasses import dataclass

import numpy as np

from xpnet._typing import HostArray
from xpnet.errors import ShapeError
from xpnet.report.meters.checks import checked_labels, require_same_length
from xpnet.report.meters.counts import Counts, refusals
from xpnet.report.meters.ratio import ratio


@dataclass(frozen=True, eq=False)
class Confusion:
    """Counts (K, K + 1): one row a desired label, one column an answered one; the last column is of the rejected.

    A junk category is one more label, K of K + 1 in all.
    """

    counts: HostArray

    def __add__(self, other: "Confusion") -> "Confusion":
        if self.counts.shape != other.counts.shape:
            ours, theirs = len(self.counts), len(other.counts)
            msg = f"confusions of {ours} and of {theirs} labels do not add up; give both the same n_labels"
            raise ShapeError(msg)
        return Confusion(self.counts + other.counts)

    @property
    def answered(self) -> HostArray:
        """Of accepted answers alone (K, K)."""
        return self.counts[:, :-1]

    @property
    def rejected(self) -> HostArray:
        """How many of each desired label were rejected (K,)."""
        return self.counts[:, -1]

    @property
    def errors(self) -> HostArray:
        """How many of each desired label got another one (K,)."""
        return self.answered.sum(axis=1) - np.diag(self.answered)

    @property
    def totals(self) -> Counts:
        """Correct, wrong and rejected over all labels."""
        return Counts(int(np.trace(self.answered)), int(self.errors.sum()), int(self.rejected.sum()))

    def class_errors(self) -> HostArray:
        """Each desired label's wrong answers among all its samples (K,); NaN for a label without samples."""
        return ratio(self.errors, self.counts.sum(axis=1))

    def class_rejects(self) -> HostArray:
        """Each desired label's rejected answers among all its samples (K,); NaN for a label without samples."""
        return ratio(self.rejected, self.counts.sum(axis=1))

    def normalised_error(self) -> float:
        """The mean of the labels' errors, so that rare labels count as much; labels without samples are left out."""
        errors = self.class_errors()
        known = errors[~np.isnan(errors)]
        return float(known.mean()) if len(known) else float("nan")


def confuse(answered: HostArray, desired: HostArray, n_labels: int, rejected: HostArray | None = None) -> Confusion:
    """Desired × answered of N samples, with a further column of the rejected; -1 answers nothing: rejected.

    >>> confusion = confuse(np.array([0, 1, 0, 1]), np.array([0, 1, 1, 1]), 2, np.array([False, False, False, True]))
    >>> confusion.counts.tolist(), confusion.class_errors().round(3).tolist()
    ([[1, 0, 0], [1, 1, 1]], [0.0, 0.333])
    """
    answered = checked_labels("answered", answered, n_labels, least=-1)
    desired = checked_labels("desired", desired, n_labels)
    refused = refusals(answered, rejected)
    require_same_length(answered=answered, desired=desired)
    places = desired * (n_labels + 1) + np.where(refused, n_labels, answered)
    return Confusion(np.bincount(places, minlength=n_labels * (n_labels + 1)).reshape(n_labels, n_labels + 1))
