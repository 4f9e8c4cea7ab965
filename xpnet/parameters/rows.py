"""Gradients of some rows of a table: whether they fit it, each row's sum, and the whole gradient they stand for."""

from xpnet._typing import Array, Shape
from xpnet.backend import Backend
from xpnet.errors import LabelError, PlacementError, ShapeError


def own(backend: Backend, x: Array) -> Array:
    """x for who may overwrite what it is given: a copy where arrays can be written."""
    return backend.xp.asarray(x, copy=True) if backend.capabilities.inplace else x


def summed(backend: Backend, ids: Array, values: Array) -> tuple[Array, Array]:
    """The rows among ids (m,) and the sum of each one's values (m, *row).

    A row may stand there more than once, with the same sum, where `backend.distinct` leaves repeats.
    """
    among = backend.distinct(ids)
    return among, backend.ops.sum_rows(ids, values, among)


def spread(backend: Backend, shape: Shape, ids: Array, values: Array) -> Array:
    """The gradient (K, *row) of the whole table: zero but for the rows among ids."""
    return backend.ops.replace_rows(backend.zeros(shape), *summed(backend, ids, values))


def require_rows(backend: Backend, name: str, x: Array, ids: Array, values: Array) -> None:
    """Raise ShapeError, PlacementError or LabelError unless values (n, *row) fit the rows ids (n,) of the table x."""
    what = f"accumulate_rows of parameter {name!r}"
    if not backend.xp.isdtype(ids.dtype, "integral"):
        msg = f"{what} expects integers as row numbers; got {ids.dtype}. Bring them in with backend.indices(...)"
        raise PlacementError(msg)
    if ids.ndim != 1 or x.ndim == 0 or tuple(values.shape) != (ids.shape[0], *x.shape[1:]):
        msg = (
            f"{what} of shape {tuple(x.shape)} expects row numbers (n,) and a row for each; got shapes "
            f"{tuple(ids.shape)} and {tuple(values.shape)}. Reshape all lead axes to one"
        )
        raise ShapeError(msg)
    backend.require_same_placement(x, values, f"{what}: value and gradient")
    if backend.synchronous and ids.shape[0]:
        first, last, count = int(backend.xp.min(ids)), int(backend.xp.max(ids)), x.shape[0]
        if first < 0 or last >= count:
            msg = f"{what} knows rows 0 … {count - 1}; got {first} … {last}. Look for padding among the row numbers"
            raise LabelError(msg)
