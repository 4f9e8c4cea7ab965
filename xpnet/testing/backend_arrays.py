"""Clauses of a backend: arrays are made where and as they should, and keep every number on their way in and out."""

from collections.abc import Iterator

import numpy as np

from xpnet._typing import Array, HostArray
from xpnet.errors import XpnetError
from xpnet.testing.backend_bench import Bench, clause

SHAPES = ((), (1,), (3,), (2, 3), (0,), (0, 4), (2, 1, 3))


@clause("Pass dtype= and device= to every creation function, or move what it made.")
def arrays_are_made_in_place(bench: Bench) -> None:
    """zeros, ones, asarray and indices give arrays of the right dtype and shape on the backend's device."""
    backend, xp = bench.backend, bench.xp
    for shape in SHAPES:
        bench.placed(f"zeros({shape})", backend.zeros(shape), backend.dtype, shape)
        bench.placed(f"ones({shape})", backend.ones(shape), backend.dtype, shape)
        for kind in ("float64", "float32", "int64"):
            bench.placed(f"asarray({kind} array)", backend.asarray(np.ones(shape, kind)), backend.dtype, shape)
        bench.placed("asarray(truths, bool)", backend.asarray(np.ones(shape, "bool"), xp.bool), xp.bool, shape)
        bench.placed("asarray(integers, int64)", backend.asarray(np.ones(shape, "int64"), xp.int64), xp.int64, shape)
        bench.placed("indices(int64 array)", backend.indices(np.ones(shape, "int64")), xp.int64, shape)
    numbers: list[tuple[object, tuple[int, ...]]] = [(2.5, ()), (3, ()), ([1, 2], (2,)), ([[1.5], [2.5]], (2, 1))]
    for value, wanted in numbers:
        bench.placed(f"asarray({value})", backend.asarray(value), backend.dtype, wanted)
    bench.placed("indices([0, 2])", backend.indices([0, 2]), xp.int64, (2,))
    bench.placed("indices(1)", backend.indices(1), xp.int64, ())
    own = backend.ones((2, 3))
    bench.placed("asarray(own array)", backend.asarray(own), backend.dtype, (2, 3))
    bench.placed("asarray(own integers)", backend.asarray(backend.indices([1, 2])), backend.dtype, (2,))
    bench.placed("indices(own integers)", backend.indices(backend.indices([1, 2])), xp.int64, (2,))


@clause("Let to_numpy wait for the values and copy (or show) them as they are, in the array's own dtype and shape.")
def to_numpy_keeps_every_value(bench: Bench) -> None:
    """What goes in through asarray or indices comes out of to_numpy: NaN, infinities, -0.0, empty and 0-d alike."""
    backend = bench.backend
    for what, values in _hard_numbers(backend.dtype_name):
        array = _brought(bench, values)
        seen = backend.to_numpy(array)
        if bench.holds(f"to_numpy of {what}", isinstance(seen, np.ndarray), "a NumPy array", type(seen).__name__):
            right = seen.dtype == values.dtype or seen.dtype.kind == values.dtype.kind == "i"  # of JAX's width
            bench.holds(f"dtype of to_numpy of {what}", right, values.dtype, seen.dtype)
            bench.bits(f"to_numpy of {what}", values, seen)
    bench.bits("to_numpy(zeros)", np.zeros((2, 3)), backend.to_numpy(backend.zeros((2, 3))))
    bench.bits("to_numpy(ones)", np.ones((2, 3)), backend.to_numpy(backend.ones((2, 3))))


@clause("Let to_numpy return memory of its own, or that of its argument, but never a buffer used for several arrays.")
def to_numpy_results_are_independent(bench: Bench) -> None:
    """What to_numpy returned stays as it is when other arrays, of the same or another size, go to the host."""
    backend = bench.backend
    values = [np.full((3, 4), float(k + 1), backend.dtype_name) for k in range(3)] + [np.full((50,), 7.0)]
    arrays = [backend.asarray(value.copy()) for value in values]
    seen = [backend.to_numpy(array) for array in arrays]
    for k, (value, found) in enumerate(zip(values, seen, strict=True)):
        bench.bits(f"to_numpy of array {k} after those of the others", value, found)


@clause(
    "Convert in asarray and indices whatever NumPy reads: lists, strides of any sign, read-only memory, other dtypes."
)
def asarray_takes_any_host_memory(bench: Bench) -> None:
    """asarray and indices read lists, any strides, read-only and narrow arrays, and arrays of their own."""
    backend = bench.backend
    wanted = np.arange(12.0).reshape(3, 4) - 5
    for what, given in _layouts(wanted):
        bench.bits(f"asarray of {what}", wanted, backend.to_numpy(backend.asarray(given)))
        if what != "halves":
            whole = given if isinstance(given, list | tuple) else given.astype("int64", order="K")
            bench.bits(f"indices of {what}", wanted, backend.to_numpy(backend.indices(whole)))
    for kind in ("int8", "uint8", "int16", "int32", "uint32", "int64"):
        numbers = np.asarray([3, 0, min(np.iinfo(kind).max, 2**20 + 1)], kind)
        bench.bits(f"indices of {kind}", numbers.astype("int64"), backend.to_numpy(backend.indices(numbers)))
        bench.bits(f"asarray of {kind}", numbers.astype("float64"), backend.to_numpy(backend.asarray(numbers)))
    own = backend.asarray(wanted)
    bench.bits("asarray of its own array", wanted, backend.to_numpy(backend.asarray(own)))
    bench.bits("asarray of a view of its own", wanted[1:, ::2], backend.to_numpy(backend.asarray(own[1:, ::2])))
    numbers = backend.indices([[2, 0], [1, 5]])
    bench.bits("asarray of its own integers", [[2.0, 0.0], [1.0, 5.0]], backend.to_numpy(backend.asarray(numbers)))
    bench.bits("indices of its own", [[2, 0], [1, 5]], backend.to_numpy(backend.indices(numbers)))


@clause("In asarray, finish the copy before returning (stage it in memory of your own), or share the memory for good.")
def host_memory_is_copied_or_shared(bench: Bench) -> None:
    """asarray never writes its argument, and either has copied it when it returns or shares its memory from then on."""
    backend = bench.backend
    for size in (5, 200_003):
        memory = np.full((size,), 1.0, backend.dtype_name)
        array = backend.asarray(memory)
        bench.bits(f"{size} host numbers after asarray", np.ones((size,)), memory)
        seen = []
        for number in (2.0, 3.0):
            memory[...] = number
            backend.synchronize()
            found = np.unique(backend.to_numpy(array))
            seen.append(tuple(float(value) for value in found))
        copied, shared = [(1.0,), (1.0,)], [(2.0,), (3.0,)]
        words = f"{copied} (copied) or {shared} (shared)"
        bench.holds(
            f"{size} numbers after the host overwrote them with 2, then 3", seen in (copied, shared), words, seen
        )
    sealed = np.ones((4,), backend.dtype_name)
    sealed.flags.writeable = False
    array = backend.asarray(sealed)
    if backend.capabilities.inplace:
        try:
            array[...] = backend.zeros((4,))
        except (ValueError, TypeError, XpnetError):
            bench.comparisons += 1  # an array that shares read-only memory is read-only
    bench.bits("read-only host numbers after a write into asarray of them", np.ones((4,)), sealed)


def _brought(bench: Bench, values: HostArray) -> Array:
    if values.dtype.kind == "i":
        return bench.backend.indices(values)
    return bench.backend.asarray(values, bench.xp.bool if values.dtype.kind == "b" else None)


def _hard_numbers(dtype: str) -> Iterator[tuple[str, HostArray]]:
    limits = np.finfo(dtype)
    special = [np.nan, np.inf, -np.inf, -0.0, 0.0, limits.max, limits.min, limits.tiny, limits.eps, 1 / 3]
    yield "NaN, infinities, -0.0 and extremes", np.asarray(special, dtype)
    yield "a NaN, 0-d", np.asarray(np.nan, dtype)
    for shape in SHAPES:
        yield (
            f"numbers of shape {shape}",
            np.linspace(-1, 1, max(1, int(np.prod(shape))))[: int(np.prod(shape))].reshape(shape).astype(dtype),
        )
        yield f"integers of shape {shape}", np.arange(int(np.prod(shape))).reshape(shape) - 1
        yield f"truths of shape {shape}", np.arange(int(np.prod(shape))).reshape(shape) % 2 == 0
    yield "large integers", np.asarray([0, -1, 2**31 - 1, -(2**31)], "int64")


def _layouts(values: HostArray) -> Iterator[tuple[str, HostArray]]:
    yield "nested lists", [[float(number) for number in row] for row in values]
    yield "a tuple of lists", tuple([float(number) for number in row] for row in values)
    yield "an ordinary array", values.copy()
    yield "every other column", np.repeat(values, 2, axis=1)[:, ::2]
    yield "an array back to front", values[::-1, ::-1].copy()[::-1, ::-1]
    yield "a transposed array", values.T.copy().T
    yield "float32", values.astype("float32")
    yield "halves", values.astype("float16")
    sealed = values.copy()
    sealed.flags.writeable = False
    yield "a read-only array", sealed
