"""Lead axes: flattening them to rows, and summing a gradient over the axes that were broadcast."""

from array_api_compat import array_namespace

from xpnet._typing import Array, Namespace, Shape
from xpnet.errors import ShapeError


def rows(xp: Namespace, x: Array) -> Array:
    """x (*lead, n) as a matrix (rows, n); a single vector becomes one row."""
    return xp.reshape(x, (-1, x.shape[-1]))


def sum_to(dx: Array, shape: Shape) -> Array:
    """Σ dx over every axis along which `shape` was broadcast: the replica rule of the lecture.

    dx (B, K, n) with shape (B, 1, n) is summed over K: each replica contributes its gradient.
    """
    if dx.shape == shape:
        return dx
    xp = array_namespace(dx)
    missing = dx.ndim - len(shape)
    if missing < 0 or any(size not in (1, given) for size, given in zip(shape, dx.shape[missing:], strict=True)):
        msg = f"a gradient of shape {tuple(dx.shape)} does not fit a state of shape {tuple(shape)}"
        raise ShapeError(msg)
    stretched = (missing + axis for axis, size in enumerate(shape) if size == 1 and dx.shape[missing + axis] != 1)
    return xp.reshape(xp.sum(dx, axis=(*range(missing), *stretched)), shape)


def broadcast_lead(leads: list[Shape]) -> Shape:
    """The common shape of several lead shapes, by the standard's rules.

    >>> broadcast_lead([(5, 1), (3,), ()])
    (5, 3)
    """
    width = max(map(len, leads))
    columns = zip(*((1,) * (width - len(lead)) + lead for lead in leads), strict=True)
    return tuple(next((size for size in column if size != 1), 1) for column in columns)
