"""How samples, labels and label sets come in: onto the backend, in shape, and in range."""

from dataclasses import dataclass
from typing import final

from xpnet._typing import Array
from xpnet.backend import Backend
from xpnet.errors import LabelError, ShapeError


@final
@dataclass(frozen=True)
class Entrance:
    """Checks and places what a trainer is given; an event has `sample_ndim` axes in samples, `label_ndim` in labels."""

    backend: Backend
    sample_ndim: int
    label_ndim: int

    def sample(self, sample: Array) -> Array:
        """A sample (*event) or a batch (B, *event)."""
        x = self.backend.asarray(sample)
        if x.ndim not in (self.sample_ndim, self.sample_ndim + 1):
            msg = (
                f"a sample has {self.sample_ndim} axes, a batch of samples {self.sample_ndim + 1}; "
                f"got shape {tuple(x.shape)}"
            )
            raise ShapeError(msg)
        return x

    def with_label_axis(self, x: Array) -> Array:
        """(B, *event) to (B, 1, *event): all labels of a sample are evaluated by broadcasting this axis."""
        return x if x.ndim == self.sample_ndim else self.backend.xp.expand_dims(x, axis=1)

    def label_set(self, label_set: Array) -> Array:
        """K labels (K, *event), or K candidates for each sample (B, K, *event)."""
        labels = self.backend.asarray(label_set)
        if labels.ndim not in (self.label_ndim + 1, self.label_ndim + 2):
            msg = f"a label set has {self.label_ndim + 1} axes, one label a row; got shape {tuple(labels.shape)}"
            raise ShapeError(msg)
        if labels.shape[labels.ndim - self.label_ndim - 1] == 0:
            msg = f"the label set is empty: shape {tuple(labels.shape)}; it needs at least one label"
            raise LabelError(msg)
        return labels

    def desired(self, label: Array, label_set: Array, x: Array) -> Array:
        """The label codes (*event) or (B, *event) that the integers `label` point at."""
        index = self._index(label, label_set.shape[label_set.ndim - self.label_ndim - 1])
        batch = x.shape[: x.ndim - self.sample_ndim]
        if tuple(index.shape) != tuple(batch):
            msg = f"label has shape {tuple(index.shape)} but the samples {tuple(batch)}; give one integer per sample"
            raise ShapeError(msg)
        xp = self.backend.xp
        if label_set.ndim == self.label_ndim + 1:
            return xp.take(label_set, index, axis=0) if batch else label_set[index, ...]
        if label_set.shape[:1] != tuple(batch):
            msg = f"label sets for {label_set.shape[0]} samples, but the samples have shape {tuple(batch)}"
            raise ShapeError(msg)
        spread = xp.reshape(index, (-1, 1, *(1,) * self.label_ndim))
        spread = xp.broadcast_to(spread, (*batch, 1, *label_set.shape[2:]))
        return xp.squeeze(xp.take_along_axis(label_set, spread, axis=1), axis=1)

    def _index(self, label: Array, count: int) -> Array:
        if self.backend.synchronous:
            self._check_range(label, count)
        return self.backend.indices(label)

    def _check_range(self, label: Array, count: int) -> None:
        # On the host, a Python list is the quickest way to look at a few integers.
        flat = self.backend.to_numpy(label).ravel().tolist() if hasattr(label, "dtype") else _flat(label)
        if any(type(value) is not int for value in flat[:1]):
            msg = f"a label is an integer that points into the label set; got {flat[0]!r}"
            raise LabelError(msg)
        if flat and not 0 <= min(flat) <= max(flat) < count:
            msg = f"labels must be between 0 and {count - 1}, the rows of the label set; got {min(flat)} to {max(flat)}"
            raise LabelError(msg)


def _flat(label: Array) -> list[object]:
    return list(label) if isinstance(label, list | tuple) else [label]
