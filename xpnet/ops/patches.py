"""Sequences and images cut into overlapping windows: the time delay of the lecture, for any number of axes."""

from xpnet._typing import Array, Namespace, Shape
from xpnet.ops.window import Windows, back_part, offsets, part, spread


def patches(xp: Namespace, x: Array, over: Windows) -> Array:
    """x (…, *lengths, F) to (…, *positions, width·F): the steps of each window side by side, the earliest first."""
    return xp.concat([part(x, over, offset) for offset in offsets(over)], axis=-1)


def patches_vjp(xp: Namespace, dy: Array, over: Windows, sizes: Shape) -> Array:
    """dx_s = Σ over the windows that hold step s of their slice of dy; its 0/1 Jacobian is its own square."""
    places = list(offsets(over))
    features = dy.shape[-1] // len(places)
    wide = spread(xp, dy, over, sizes)
    dx = 0.0
    for k, offset in enumerate(places):
        dx = dx + back_part(wide, over, offset, sizes)[..., k * features : (k + 1) * features]
    return dx
