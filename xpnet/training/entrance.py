"""How samples, labels and label sets come in: onto the backend, in shape, and in range."""

import math
from dataclasses import dataclass
from numbers import Integral
from typing import final

from xpnet._typing import Array
from xpnet.backend import Backend
from xpnet.checks import kind_of
from xpnet.errors import LabelError, PlacementError, ShapeError, XpnetError


@final
@dataclass(frozen=True)
class Entrance:
    """Checks and places what a trainer is given; an event has `sample_ndim` axes in samples, `label_ndim` in labels.

    symbols: which of "sample", "label" and "latent" are integers, for a Lookup.
    """

    backend: Backend
    sample_ndim: int
    label_ndim: int
    latent_ndim: int = 1
    symbols: frozenset[str] = frozenset()

    def sample(self, sample: Array) -> Array:
        """A sample (*event) or a batch (B, *event)."""
        x = self._brought(sample, "sample")
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
        labels = self._brought(label_set, "label")
        if labels.ndim not in (self.label_ndim + 1, self.label_ndim + 2):
            msg = f"a label set has {self.label_ndim + 1} axes, one label a row; got shape {tuple(labels.shape)}"
            raise ShapeError(msg)
        if labels.shape[labels.ndim - self.label_ndim - 1] == 0:
            msg = f"the label set is empty: shape {tuple(labels.shape)}; it needs at least one label"
            raise LabelError(msg)
        return labels

    def batch(self, x: Array) -> tuple[int, ...]:
        """() for one sample, (B,) for a batch."""
        return tuple(x.shape[: x.ndim - self.sample_ndim])

    def require_batch(self, label_set: Array, x: Array) -> None:
        """Raise ShapeError unless a label set that differs per sample has as many sets as there are samples."""
        batch = self.batch(x)
        if label_set.ndim > self.label_ndim + 1 and label_set.shape[:1] != batch:
            msg = f"label sets for {label_set.shape[0]} samples, but the samples have shape {batch}"
            raise ShapeError(msg)

    def present(self, mask: Array | None, count: int, x: Array) -> Array | None:
        """Which of `count` answers are present: booleans (count,) or (B, count) on the backend, None for all."""
        if mask is None:
            return None
        xp, batch = self.backend.xp, self.batch(x)
        self._require_truth(mask)
        present = self.backend.asarray(mask, xp.bool)
        if tuple(present.shape) not in ((count,), (*batch, count)):
            msg = (
                f"a mask says for each of {count} answers whether it is present: shape {(count,)}"
                + (f" or {(*batch, count)}" if batch else "")
                + f"; got {tuple(present.shape)}"
            )
            raise ShapeError(msg)
        return present

    def _require_truth(self, mask: Array) -> None:
        """Raise LabelError unless these are booleans, or 0 and 1: indices or weights would be read as all true."""
        kind = kind_of(mask)
        if kind == "b":  # the usual case, at every step; it costs nothing
            return
        if kind is None:
            wrong = [value for value in leaves(mask) if type(value) is not bool and value not in (0, 1)]
        else:
            host = self.backend.to_numpy(mask)
            wrong = host[(host != 0) & (host != 1)].tolist()
        if wrong:
            msg = f"a mask is True where an answer is present and False where it is absent; got {_shown(wrong[0])}"
            raise LabelError(msg)

    def latents(self, latent_set: Array | None, x: Array) -> Array:
        """The values of a latent variable: M for all samples (M, *event), or (B, M, *event)."""
        if latent_set is None:
            msg = "this trainer eliminates a latent variable: give the values it may take, latent_set (M, ...)"
            raise LabelError(msg)
        z = self._brought(latent_set, "latent")
        shared, batch = z.ndim == self.latent_ndim + 1, self.batch(x)
        if not shared and (z.ndim != self.latent_ndim + 2 or tuple(z.shape[:1]) != batch):
            msg = (
                f"latent values have {self.latent_ndim + 1} axes, one value a row"
                + (f", or one more for each of the {batch[0]} samples" if batch else "")
                + f"; got shape {tuple(z.shape)}"
            )
            raise ShapeError(msg)
        if z.shape[z.ndim - self.latent_ndim - 1] == 0:
            msg = f"the set of latent values is empty: shape {tuple(z.shape)}; it needs at least one"
            raise LabelError(msg)
        return z

    def pointers(self, label: Array, count: int, x: Array, *, lowest: int = 0) -> Array:
        """Integers () or (B,) that point at one of `count` labels for each sample; the smallest allowed is `lowest`."""
        index, batch = self._index(label, count, lowest), self.batch(x)
        if tuple(index.shape) != batch:
            msg = f"label has shape {tuple(index.shape)} but the samples {batch}; give one integer per sample"
            raise ShapeError(msg)
        return index

    def code(self, desired: Array, x: Array, event: tuple[int, ...] | None = None) -> Array:
        """One label code for each sample, (*event) or (B, *event); event: its shape, where a label set tells it."""
        code, batch = self._brought(desired, "label"), self.batch(x)
        found = tuple(code.shape)
        expected = (*batch, *(found[len(found) - self.label_ndim :] if event is None else event))
        if found != expected:
            msg = f"desired labels have shape {expected}, one for each sample; got {found}"
            raise ShapeError(msg)
        return code

    def is_distribution(self, label: Array, x: Array) -> bool:
        """Whether a label is desired probabilities (count,) or (B, count), and not one integer a sample."""
        return _ndim(label) == len(self.batch(x)) + 1

    def answer(self, label: Array, count: int, x: Array, *, junk: bool) -> Array:
        """Which of `count` answers is desired: integers (B,), or distributions (B, count), on the backend.

        junk: the last answer is "none of the above", for which a label may also be -1.
        """
        if self.is_distribution(label, x):
            return self._distribution(label, (*self.batch(x), count))
        index = self.pointers(label, count, x, lowest=-1 if junk else 0)
        return self.backend.xp.where(index == -1, count - 1, index) if junk else index

    def _brought(self, values: Array, role: str) -> Array:
        """Values on the backend: real numbers, or integers where the machine takes symbols in this role."""
        if kind_of(values) == "c":
            msg = f"{role}s are real numbers; got {values.dtype}"
            raise PlacementError(msg)
        if role not in self.symbols:
            try:
                return self.backend.asarray(values)
            except (TypeError, ValueError, RuntimeError) as error:
                if isinstance(error, XpnetError):
                    raise
                msg = f"{role}s are arrays of numbers, rows of equal length; got {_shown(values)}: {error}"
                raise ShapeError(msg) from error
        kind = kind_of(values) or ("f" if any(isinstance(leaf, float) for leaf in leaves(values)) else "")
        if kind == "f":
            got = getattr(values, "dtype", "real numbers")
            msg = f"the machine looks {role}s up in a table, so they are integers; got {got}"
            raise PlacementError(msg)
        return self.backend.indices(values)

    def _distribution(self, label: Array, shape: tuple[int, ...]) -> Array:
        desired, xp = self.backend.asarray(label), self.backend.xp
        if tuple(desired.shape) != shape:
            msg = f"desired distributions over {shape[-1]} answers have shape {shape}; got {tuple(desired.shape)}"
            raise ShapeError(msg)
        fine = xp.all(desired >= 0, axis=-1) & (xp.abs(xp.sum(desired, axis=-1) - 1.0) < 1e-3)
        if not self.backend.synchronous:  # nobody may look: what is no distribution costs NaN
            return xp.where(fine[..., None], desired, math.nan)
        if not bool(xp.all(fine)):
            msg = "a desired distribution has a negative entry, or does not sum to 1; divide it by its sum"
            raise LabelError(msg)
        return desired

    def _index(self, label: Array, count: int, lowest: int = 0) -> Array:
        if kind_of(label) in ("f", "b", "c"):
            msg = f"a label is an integer that points into the label set; got {label.dtype}"
            raise LabelError(msg)
        if self.backend.synchronous or _on_host(label):  # a device is not asked: there a wrong label costs NaN
            self._check_range(label, count, lowest)
        return self.backend.indices(label)

    def _check_range(self, label: Array, count: int, lowest: int) -> None:
        if kind_of(label) in ("i", "u"):
            host = label if _on_host(label) else self.backend.to_numpy(label)
            flat: Array = [int(host.min()), int(host.max())] if host.size else []
        else:  # a Python list is the quickest way to look at a few integers
            flat = self.backend.to_numpy(label).ravel().tolist() if hasattr(label, "dtype") else _flat(label)
        wrong = [value for value in flat if type(value) is not int and not _is_integer(value)]
        if wrong:
            msg = f"a label is an integer that points into the label set; got {wrong[0]!r}"
            raise LabelError(msg)
        if flat and not lowest <= min(flat) <= max(flat) < count:
            msg = f"labels must be between 0 and {count - 1}, the rows of the label set; got {min(flat)} to {max(flat)}"
            remedy = '. "None of the above" (-1) needs a junk category: Trainer(..., junk=Junk())'
            raise LabelError(msg + remedy * (min(flat) == -1))


def leaves(values: object) -> list[object]:
    """The entries of nested lists."""
    if isinstance(values, list | tuple):
        return [leaf for part in values for leaf in leaves(part)]
    return [values]


def _on_host(values: object) -> bool:
    return not hasattr(values, "dtype") or type(values).__module__.partition(".")[0] == "numpy"


def _shown(values: object) -> str:
    text = repr(values)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _is_integer(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _flat(label: Array) -> list[object]:
    return list(label) if isinstance(label, list | tuple) else [label]


def _ndim(label: Array) -> int:
    if isinstance(label, list | tuple):
        return 1 + (_ndim(label[0]) if label else 0)
    return int(getattr(label, "ndim", 0))
