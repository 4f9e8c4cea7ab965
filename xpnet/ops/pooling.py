"""Sums and maxima over windows, feature by feature."""

from array_api_compat import device

from xpnet._typing import Array, Namespace, Shape
from xpnet.ops.patches import patches_vjp
from xpnet.ops.window import Windows, back_part, offsets, part, spread


def window_sum(xp: Namespace, x: Array, over: Windows) -> Array:
    """y_p = Σ of x over window p: (…, *lengths, F) to (…, *positions, F)."""
    first, *others = offsets(over)
    y = part(x, over, first) + 0.0  # an array of its own also where the window has one place
    for offset in others:
        y = y + part(x, over, offset)
    return y


def window_sum_vjp(xp: Namespace, dy: Array, over: Windows, sizes: Shape) -> Array:
    """dx_s = Σ dy of the windows that hold step s; its 0/1 Jacobian is its own square."""
    wide = spread(xp, dy, over, sizes)
    dx = 0.0
    for offset in offsets(over):
        dx = dx + back_part(wide, over, offset, sizes)
    return dx


def window_max(xp: Namespace, x: Array, over: Windows) -> Array:
    """y_p = max of x over window p."""
    first, *others = offsets(over)
    y = part(x, over, first) + 0.0
    for offset in others:
        y = xp.maximum(y, part(x, over, offset))
    return y


def window_max_vjp(xp: Namespace, dy: Array, x: Array, y: Array, over: Windows, sizes: Shape) -> Array:
    """dx: dy to the place that attains the maximum y, the first of equal ones; 0/1, so its own square."""
    shares, free = [], xp.ones(dy.shape, dtype=xp.bool, device=device(dy))
    for offset in offsets(over):
        wins = free & (part(x, over, offset) == y)
        shares.append(xp.where(wins, dy, 0.0))
        free = free & ~wins
    return patches_vjp(xp, xp.concat(shares, axis=-1), over, sizes)
