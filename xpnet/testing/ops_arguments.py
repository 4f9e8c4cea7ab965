"""Arguments of primitives: onto a backend in a memory layout, and back to the host."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from xpnet._typing import Array, DType, HostArray
from xpnet.backend import Backend


def placed(backend: Backend, args: Sequence[object], layout: str) -> list[Array]:
    """Fresh arrays on the backend for all host arrays among args, also in lists; everything else as it is."""
    return [_placed(backend, argument, layout) for argument in args]


def _placed(backend: Backend, value: Any, layout: str) -> Array:
    if isinstance(value, list):
        return [_placed(backend, part, layout) for part in value]
    if isinstance(value, np.generic):
        value = np.asarray(value)
    if not isinstance(value, np.ndarray):
        return value
    xp, bring = backend.xp, backend.indices if value.dtype.kind == "i" else backend.asarray
    if layout == "strided" and value.ndim:
        return bring(np.repeat(value, 2, axis=-1))[..., ::2]
    if layout == "transposed" and value.ndim > 1:
        return xp.matrix_transpose(bring(np.swapaxes(value, -1, -2).copy()))
    if layout == "broadcast" and value.ndim:
        return xp.broadcast_to(bring(value[:1].copy()), value.shape)
    array = bring(value.copy())
    if layout == "read-only" and hasattr(array, "flags") and hasattr(array.flags, "writeable"):
        array.flags.writeable = False
    return array


def hosts(backend: Any, args: Any, dtype: DType = None) -> list[Any]:
    """Copies on the host of all arrays among args, also in lists; everything else as it is."""
    return [_host(backend, argument, dtype) for argument in (args if isinstance(args, list | tuple) else [args])]


def _host(backend: Any, value: Any, dtype: DType) -> HostArray:
    if isinstance(value, list):
        return [_host(backend, part, dtype) for part in value]
    if not hasattr(value, "dtype"):
        return value
    copied = np.array(backend.to_numpy(value) if isinstance(backend, Backend) else value)
    return copied if dtype is None or copied.dtype.kind == "i" else copied.astype(dtype)


def arrays_in(args: Sequence[Any]) -> list[HostArray]:
    """The host arrays among args, also those in lists."""
    found: list[HostArray] = []
    for argument in args:
        found += arrays_in(argument) if isinstance(argument, list) else [argument] * isinstance(argument, np.ndarray)
    return found


def listed(results: Any) -> list[Array]:
    """The arrays that a primitive returned, without the None of an absent slot."""
    return [result for result in (results if isinstance(results, list | tuple) else [results]) if result is not None]
