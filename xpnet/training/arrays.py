"""Arguments of a step as arrays of the backend, with nothing but their form known beforehand."""

from numbers import Integral

from xpnet._typing import Array, DType
from xpnet.backend import Backend
from xpnet.checks import kind_of
from xpnet.errors import PlacementError
from xpnet.training.entrance import leaves


def brought(backend: Backend, values: Array) -> Array:
    """Values on the backend: integers as indices, booleans as such, all else in the real dtype."""
    kind = kind_of(values) or _kind_of_list(values)
    if kind == "c":
        msg = f"samples and labels are real numbers; got {values.dtype}"
        raise PlacementError(msg)
    if kind in ("i", "u"):
        return backend.indices(values)
    return backend.asarray(values, backend.xp.bool) if kind == "b" else backend.asarray(values)


def form_of(x: Array) -> tuple[tuple[int, ...], DType]:
    """What a compiled step knows of an array."""
    return tuple(x.shape), x.dtype


def _kind_of_list(values: object) -> str:
    found = leaves(values)
    truths = [isinstance(value, bool) for value in found]
    if found and all(truths):
        return "b"
    return "i" if found and not any(truths) and all(isinstance(value, Integral) for value in found) else "f"
