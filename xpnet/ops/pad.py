"""A border around images and before and behind sequences."""

from collections.abc import Sequence
from typing import TypeAlias

from array_api_compat import device

from xpnet._typing import Array, Namespace, Shape

Borders: TypeAlias = Sequence[tuple[int, int]]  # for each axis before the features: how many before, how many behind


def pad(xp: Namespace, x: Array, borders: Borders, value: float) -> Array:
    """x (…, *lengths, F) with a border of `value` on each of its axes before the features."""
    for axis, counts in enumerate(borders, start=-1 - len(borders)):
        before, behind = (_border(xp, x, axis, count, value) for count in counts)
        x = xp.concat([before, x, behind], axis=axis)
    return x


def pad_vjp(xp: Namespace, dy: Array, borders: Borders) -> Array:
    """dx: dy without the border; the 0/1 Jacobian is its own square."""
    sizes = dy.shape[-1 - len(borders) : -1]
    cuts = (slice(before, size - behind) for (before, behind), size in zip(borders, sizes, strict=True))
    return dy[(..., *cuts, slice(None))]


def _border(xp: Namespace, x: Array, axis: int, count: int, value: float) -> Array:
    shape: Shape = (*x.shape[:axis], count, *x.shape[axis:][1:])
    return xp.full(shape, value, dtype=x.dtype, device=device(x))
