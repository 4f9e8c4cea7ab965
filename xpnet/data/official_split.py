"""Data sets whose authors fixed what to learn from and what to be judged by."""

from dataclasses import dataclass
from hashlib import sha256

from xpnet.data.dataset import Dataset
from xpnet.errors import DataError


@dataclass(frozen=True, eq=False)
class OfficialSplit:
    """The two parts as they were published; results are comparable only on them. DataError unless they fit together.

    >>> import numpy as np
    >>> part = Dataset(np.eye(2), np.array([0, 1]), ("odd", "even"))
    >>> len(OfficialSplit(part, part).held_out)
    2
    """

    training: Dataset
    held_out: Dataset

    def __post_init__(self) -> None:
        ours, theirs = self.training, self.held_out
        if ours.event_shape != theirs.event_shape or ours.label_names != theirs.label_names:
            msg = (
                f"the two parts differ: samples {ours.event_shape} and {theirs.event_shape}, "
                f"labels {', '.join(ours.label_names)} and {', '.join(theirs.label_names)}"
            )
            raise DataError(msg)

    def fingerprint(self) -> str:
        """SHA-256 over both parts."""
        return sha256((self.training.fingerprint() + self.held_out.fingerprint()).encode()).hexdigest()
