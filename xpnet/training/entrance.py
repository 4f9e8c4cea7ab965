"""How samples, labels and label sets come in: onto the backend, in shape, and in range."""

from dataclasses import dataclass
from numbers import Integral
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
        return x if x.ndim == self.sample_ndim else x[:, None, ...]

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
            # The standard takes by vectors only.
            return xp.take(label_set, index, axis=0) if batch else xp.take(label_set, index[None], axis=0)[0, ...]
        if label_set.shape[:1] != tuple(batch):
            msg = f"label sets for {label_set.shape[0]} samples, but the samples have shape {tuple(batch)}"
            raise ShapeError(msg)
        spread = xp.reshape(index, (-1, 1, *(1,) * self.label_ndim))
        spread = xp.broadcast_to(spread, (*batch, 1, *label_set.shape[2:]))
        return xp.squeeze(xp.take_along_axis(label_set, spread, axis=1), axis=1)

    def joined(self, label_set: Array, desired: Array, x: Array) -> Array:
        """Candidates (K, *event) or (B, K, *event), and behind them each sample's desired label: (B, K + 1, *event)."""
        labels, code, xp = self.label_set(label_set), self.backend.asarray(desired), self.backend.xp
        batch, event = x.shape[: x.ndim - self.sample_ndim], labels.shape[labels.ndim - self.label_ndim :]
        if tuple(code.shape) != (*batch, *event):
            msg = f"desired labels have shape {(*batch, *event)}, one for each sample; got {tuple(code.shape)}"
            raise ShapeError(msg)
        count = labels.shape[labels.ndim - self.label_ndim - 1]
        axis = len(batch)
        return xp.concat([xp.broadcast_to(labels, (*batch, count, *event)), xp.expand_dims(code, axis=axis)], axis=axis)

    def answer(self, label: Array, count: int, x: Array, *, junk: bool) -> Array:
        """Which of `count` answers is desired: integers (B,), or distributions (B, count), on the backend.

        junk: the last answer is "none of the above", for which a label may also be -1.
        """
        batch = tuple(x.shape[: x.ndim - self.sample_ndim])
        if _ndim(label) == len(batch) + 1:
            return self._distribution(label, (*batch, count))
        index = self._index(label, count, lowest=-1 if junk else 0)
        if tuple(index.shape) != batch:
            msg = f"label has shape {tuple(index.shape)} but the samples {batch}; give one integer per sample"
            raise ShapeError(msg)
        return self.backend.xp.where(index < 0, count - 1, index) if junk else index

    def _distribution(self, label: Array, shape: tuple[int, ...]) -> Array:
        desired, xp = self.backend.asarray(label), self.backend.xp
        if tuple(desired.shape) != shape:
            msg = f"desired distributions over {shape[-1]} answers have shape {shape}; got {tuple(desired.shape)}"
            raise ShapeError(msg)
        off = xp.abs(xp.sum(desired, axis=-1) - 1.0)
        if self.backend.synchronous and not bool(xp.all(desired >= 0) & xp.all(off < 1e-3)):
            msg = "a desired distribution has a negative entry, or does not sum to 1; divide it by its sum"
            raise LabelError(msg)
        return desired

    def _index(self, label: Array, count: int, lowest: int = 0) -> Array:
        if self.backend.synchronous:
            self._check_range(label, count, lowest)
        return self.backend.indices(label)

    def _check_range(self, label: Array, count: int, lowest: int) -> None:
        # On the host, a Python list is the quickest way to look at a few integers.
        flat = self.backend.to_numpy(label).ravel().tolist() if hasattr(label, "dtype") else _flat(label)
        wrong = [value for value in flat if type(value) is not int and not _is_integer(value)]
        if wrong:
            msg = f"a label is an integer that points into the label set; got {wrong[0]!r}"
            raise LabelError(msg)
        if flat and not lowest <= min(flat) <= max(flat) < count:
            msg = f"labels must be between 0 and {count - 1}, the rows of the label set; got {min(flat)} to {max(flat)}"
            remedy = '. "None of the above" (-1) needs a junk category: Trainer(..., junk=Junk())'
            raise LabelError(msg + remedy * (min(flat) == -1))


def _is_integer(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _flat(label: Array) -> list[object]:
    return list(label) if isinstance(label, list | tuple) else [label]


def _ndim(label: Array) -> int:
    if isinstance(label, list | tuple):
        return 1 + (_ndim(label[0]) if label else 0)
    return int(getattr(label, "ndim", 0))
