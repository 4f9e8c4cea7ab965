"""Samples with integer labels, checked once so that nothing downstream has to doubt them."""

import hashlib
from dataclasses import dataclass

import numpy as np

from xpnet._typing import HostArray, Shape
from xpnet.errors import DataError, nearest


@dataclass(frozen=True, eq=False)
class Dataset:
    """Samples (N, *event), labels (N,) that count from 0, and the name of every label.

    Raises DataError when the counts differ, a dtype cannot be learned from, a sample holds NaN or infinity
    (naming the first one), or a label has no name.

    >>> data = Dataset(np.eye(4), np.array([0, 1, 0, 1]), ("odd", "even"))
    >>> len(data), data.event_shape, data.take(np.array([1, 3])).labels.tolist()
    (4, (4,), [1, 1])
    """

    samples: HostArray
    labels: HostArray
    label_names: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "samples", as_samples(self.samples))
        _check_labels(self.labels, len(self.samples), len(self.label_names))

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def event_shape(self) -> Shape:
        """The shape of one sample."""
        return tuple(self.samples.shape[1:])

    def take(self, indices: HostArray) -> "Dataset":
        """The samples at these positions, in this order."""
        return Dataset(self.samples[indices], self.labels[indices], self.label_names)

    def with_last(self, name: str) -> "Dataset":
        """The same with the label `name` as the last one, the others in their order; DataError if there is none."""
        if name not in self.label_names:
            msg = f"no label is called {name!r}; {nearest(name, self.label_names)}"
            raise DataError(msg)
        names = (*(other for other in self.label_names if other != name), name)
        places = np.asarray([names.index(old) for old in self.label_names])
        return Dataset(self.samples, places[self.labels], names)

    def fingerprint(self) -> str:
        """SHA-256 over shapes, samples and labels: equal for equal data, on every machine."""
        digest = hashlib.sha256(f"{self.samples.shape} {self.samples.dtype} {self.label_names}".encode())
        digest.update(self.samples.tobytes())
        digest.update(self.labels.astype(np.int64).tobytes())
        return digest.hexdigest()


def as_samples(samples: HostArray) -> HostArray:
    """Samples (N, *event) as finite floats; DataError tells what stands in the way."""
    if samples.ndim < 2:
        msg = f"samples need a shape (count, features …); got {samples.shape}. One sample of n features is (1, n)"
        raise DataError(msg)
    if samples.dtype.kind not in "fiub":
        parts = "Give real and imaginary parts as features: numpy.concatenate([samples.real, samples.imag], axis=-1)"
        remedy = parts if samples.dtype.kind == "c" else "Convert them with samples.astype('float32')"
        msg = f"samples must be real numbers; got dtype {samples.dtype}. {remedy}"
        raise DataError(msg)
    if samples.shape[0] == 0:
        msg = f"there are no samples: the shape is {samples.shape}"
        raise DataError(msg)
    floats = samples.astype(np.float64 if samples.dtype == np.float64 else np.float32, copy=False)
    _check_finite(floats)
    return floats


def _check_finite(samples: HostArray) -> None:
    if np.isfinite(samples).all():
        return
    index = tuple(int(axis) for axis in np.argwhere(~np.isfinite(samples))[0])
    bad = int((~np.isfinite(samples)).reshape(len(samples), -1).any(axis=1).sum())
    msg = (
        f"sample {index[0]} holds {samples[index]} at {index[1:]} ({bad} of {len(samples)} samples are not finite). "
        "Remove or fill them first"
    )
    raise DataError(msg)


def _check_labels(labels: HostArray, count: int, n_labels: int) -> None:
    if labels.shape != (count,):
        msg = f"{count} samples need labels of shape ({count},); got {labels.shape}"
        raise DataError(msg)
    if labels.dtype.kind not in "iu":
        msg = f"labels must be integers that count from 0; got dtype {labels.dtype}"
        raise DataError(msg)
    outside = np.flatnonzero((labels < 0) | (labels >= n_labels))
    if len(outside):
        first = int(outside[0])
        msg = f"label {int(labels[first])} of sample {first} lies outside 0 … {n_labels - 1} ({n_labels} label names)"
        raise DataError(msg)
