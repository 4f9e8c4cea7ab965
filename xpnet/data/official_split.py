"""Data sets whose authors fixed what to learn from and what to be judged by."""

from dataclasses import dataclass

from xpnet.data.dataset import Dataset
from xpnet.errors import DataError


@dataclass(frozen=True, eq=False)
class OfficialSplit:
    """The two parts as they were published; results are comparable only on them."""

    training: Dataset
    held_out: Dataset

    def __post_init__(self) -> None:
        ours, theirs = self.training, self.held_out
        if ours.event_shape != theirs.event_shape or ours.label_names != theirs.label_names:
            msg = f"the two parts differ: samples {ours.event_shape} and {theirs.event_shape}, or their labels"
            raise DataError(msg)
