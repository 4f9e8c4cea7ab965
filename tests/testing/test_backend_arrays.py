"""Backends that make or carry arrays wrongly, each caught by the clause that says so."""

import array_api_strict as xp
import numpy as np
import pytest
from broken_backends import Sound, broken_clauses, sound, strict

MADE, KEPT = "arrays are made in place", "to numpy keeps every value"
ALONE, READ, SHARED = (
    "to numpy results are independent",
    "asarray takes any host memory",
    "host memory is copied or shared",
)


class Staged(Sound):
    """Copies to the host through one buffer."""

    buffer = np.empty(1_000_000)

    def to_numpy(self, x):
        room = self.buffer[: x.size].view(x.dtype)[: x.size] if x.dtype == np.float64 else None
        if room is None:
            room = self.buffer.view(x.dtype)[: x.size]
        room[...] = x.reshape(-1)
        return room.reshape(x.shape)


class Late(Sound):
    """Starts its copies and returns: they happen when the device is waited for."""

    def __init__(self, **how):
        self.pending = []
        super().__init__(**how)

    def asarray(self, x, dtype=None):
        array = np.array(x, dtype=self.dtype if dtype is None else dtype)
        if isinstance(x, np.ndarray) and x.size > 100_000:
            self.pending.append((array, x))
        return array

    def synchronize(self):
        for array, x in self.pending:
            array[...] = x
        self.pending.clear()


def _dtype_of_the_library(self, x, dtype=None):
    return np.asarray(x, dtype)


def _on_the_default_device(self, x, dtype=None):
    return xp.asarray(np.asarray(x), dtype=self.dtype if dtype is None else dtype)


def _narrow(self, x):
    return np.asarray(x, dtype=np.int32)


def _as_flat(self, x, dtype=None):
    return np.atleast_1d(np.asarray(x, dtype=self.dtype if dtype is None else dtype))


def _without_strides(self, x, dtype=None):
    x = np.asarray(x)
    flat = x if x.flags.c_contiguous or x.base is None else np.ndarray(x.shape, x.dtype, x.base, 0)
    return np.array(flat, dtype=self.dtype if dtype is None else dtype)


def _arrays_only(self, x, dtype=None):
    return np.asarray(x, dtype=self.dtype if dtype is None else dtype) if not isinstance(x, tuple) else x.data


def _signed_only(self, x):
    return (
        np.asarray(np.asarray(x).astype(np.int8), dtype=np.int64)
        if np.asarray(x).dtype == np.uint8
        else Sound.indices(self, x)
    )


def _scratches(self, x, dtype=None):
    array = np.array(x, dtype=self.dtype if dtype is None else dtype)
    if isinstance(x, np.ndarray) and x.flags.writeable and x.size > 100_000:
        x[...] = 0
    return array


def _breaks_the_seal(self, x, dtype=None):
    array = np.asarray(x, dtype=self.dtype if dtype is None else dtype)
    if isinstance(x, np.ndarray) and array.base is None and not array.flags.writeable:
        array.flags.writeable = True
    return array


def _without_infinity(self, x):
    return np.clip(x, -1e38, 1e38) if x.dtype.kind == "f" else x


BROKEN = {
    "asarray in the library's own dtype": (MADE, lambda: sound(asarray=_dtype_of_the_library)),
    "asarray on the default device": (MADE, lambda: strict(asarray=_on_the_default_device)),
    "zeros on the default device": (MADE, lambda: strict(zeros=lambda self, shape: xp.zeros(shape, dtype=self.dtype))),
    "ones of integers": (MADE, lambda: sound(ones=lambda self, shape: np.ones(shape, np.int64))),
    "indices of 32 bits": (MADE, lambda: sound(indices=_narrow)),
    "no 0-d arrays": (MADE, lambda: sound(asarray=_as_flat)),
    "NaN becomes zero": (KEPT, lambda: sound(to_numpy=lambda self, x: np.nan_to_num(x, posinf=np.inf, neginf=-np.inf))),
    "infinity becomes large": (KEPT, lambda: sound(to_numpy=_without_infinity)),
    "-0.0 becomes 0.0": (KEPT, lambda: sound(to_numpy=lambda self, x: x + x.dtype.type(0))),
    "float64 on the host": (KEPT, lambda: sound(to_numpy=lambda self, x: np.asarray(x, np.float64))),
    "lists on the host": (KEPT, lambda: sound(to_numpy=lambda self, x: x.tolist())),
    "0-d becomes a vector on the host": (KEPT, lambda: sound(to_numpy=lambda self, x: np.atleast_1d(x))),
    "ones that are zeros": (KEPT, lambda: sound(ones=Sound.zeros)),
    "one buffer for all that goes to the host": (ALONE, Staged),
    "strides are ignored": (READ, lambda: sound(asarray=_without_strides)),
    "no tuples": (READ, lambda: sound(asarray=_arrays_only)),
    "bytes are taken for signed": (READ, lambda: sound(indices=_signed_only)),
    "a copy that comes too late": (SHARED, Late),
    "a host array that is written": (SHARED, lambda: sound(asarray=_scratches)),
    "read-only memory that is written": (SHARED, lambda: sound(asarray=_breaks_the_seal)),
}  # fmt: skip


@pytest.mark.parametrize("wrong", BROKEN)
def test_each_is_caught_by_its_clause(wrong):
    clause, make = BROKEN[wrong]
    assert broken_clauses(make())[0] == [clause]
