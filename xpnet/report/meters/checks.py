"""What meters accept; anything else is one error that names the place."""

import numpy as np

from xpnet._typing import HostArray
from xpnet.errors import DataError, LabelError, NotFiniteError, ShapeError


def checked_labels(name: str, labels: HostArray, n_labels: int | None = None, least: int = 0) -> HostArray:
    """Integers (N,) from `least` to n_labels - 1 (None: of any size); LabelError for others.

    >>> checked_labels("desired", [0, 2], 3).tolist()
    [0, 2]
    """
    array = _vector(name, labels)
    if array.size and not np.issubdtype(array.dtype, np.integer):
        msg = f"{name} holds {array.dtype}, where labels are integers: positions in the label set"
        raise LabelError(msg)
    bad = array < least
    if n_labels is not None:
        bad |= array >= n_labels
    if bad.any():
        place = int(bad.argmax())
        range_ = f"at least {least}" if n_labels is None else f"{least} to {n_labels - 1}"
        msg = f"{name}[{place}] is {array[place]}, but labels here are {range_}; count them from 0"
        raise LabelError(msg)
    return array.astype(np.int64)


def checked_flags(name: str, flags: HostArray) -> HostArray:
    """Booleans (N,); DataError for numbers, which could be mistaken."""
    array = _vector(name, flags)
    if array.size and array.dtype != np.bool_:
        msg = f"{name} holds {array.dtype}, where booleans are needed; compare, as in `{name} > 0`"
        raise DataError(msg)
    return array.astype(np.bool_)


def checked_numbers(name: str, numbers: HostArray, low: float = -np.inf, high: float = np.inf) -> HostArray:
    """Float64 (N,) from `low` to `high`; DataError for NaN and for what lies outside."""
    array = _vector(name, numbers).astype(np.float64)
    bad = ~((array >= low) & (array <= high))  # NaN compares false
    if bad.any():
        place = int(bad.argmax())
        msg = f"{name}[{place}] is {array[place]}, but must be a number from {low:g} to {high:g}; leave its sample out"
        raise DataError(msg)
    return array


def checked_energies(energies: HostArray) -> HostArray:
    """Float64 (N, K) without NaN; +∞ is a forbidden label."""
    array = np.asarray(energies)
    if array.ndim != 2 or array.shape[1] == 0:
        msg = f"energies have shape {array.shape}, but must be (N, K): one row a sample, one column a label, K > 0"
        raise ShapeError(msg)
    array = array.astype(np.float64)
    if np.isnan(array).any():
        place = tuple(int(axis[0]) for axis in np.isnan(array).nonzero())
        msg = f"energies[{place[0]}, {place[1]}] is nan, but must be a number; +inf forbids a label"
        raise NotFiniteError(msg)
    return array


def require_same_length(**arrays: HostArray) -> None:
    """ShapeError unless all have one entry (or row) for each sample."""
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        msg = f"one entry a sample is needed in each: {told}; give those of the same samples"
        raise ShapeError(msg)


def _vector(name: str, values: HostArray) -> HostArray:
    array = np.asarray(values)
    if array.ndim != 1:
        msg = f"{name} has shape {array.shape}, but must be (N,): one entry a sample"
        raise ShapeError(msg)
    return array
