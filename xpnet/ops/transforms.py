"""Parameter-space transforms W = G(U) that are not linear maps of their own kind elsewhere."""

import math

from array_api_compat import device

from xpnet._typing import Array, Namespace


def softplus(xp: Namespace, x: Array) -> Array:
    """y = log(1 + e^x), which is always positive and never overflows."""
    return xp.maximum(x, 0.0) + xp.log1p(xp.exp(-xp.abs(x)))


def softplus_vjp(xp: Namespace, dy: Array, y: Array) -> Array:
    """dx = dy (1 - e^-y): the sigmoid of x, from the output alone."""
    return -dy * xp.expm1(-y)


def softplus_squared_vjp(xp: Namespace, ddy: Array, y: Array) -> Array:
    """ddx = ddy (1 - e^-y)²."""
    slope = xp.expm1(-y)
    return ddy * slope * slope


def unit_rows(xp: Namespace, x: Array) -> Array:
    """y = x / ‖x‖ over the last axis; a row of zeros stays zero."""
    return x / _norms(xp, x)


def unit_rows_vjp(xp: Namespace, dy: Array, x: Array, y: Array) -> Array:
    """dx = (dy - y (y · dy)) / ‖x‖; nothing for a row of zeros, which has no direction."""
    return (dy - y * xp.sum(y * dy, axis=-1, keepdims=True)) / _norms(xp, x)


def unit_rows_squared_vjp(xp: Namespace, ddy: Array, x: Array, y: Array) -> Array:
    """ddx_j = ((1 - 2 y_j²) ddy_j + y_j² Σ_i y_i² ddy_i) / ‖x‖², the squares of (δ_ij - y_i y_j) / ‖x‖."""
    norms, squares = _norms(xp, x), y * y
    mixed = xp.sum(squares * ddy, axis=-1, keepdims=True)
    return ((1.0 - 2.0 * squares) * ddy + squares * mixed) / norms / norms


def circulant(xp: Namespace, u: Array) -> Array:
    """C_ij = u_(i-j mod n): (..., n) to (..., n, n). C x is the circular convolution of u and x."""
    n = u.shape[-1]
    steps = xp.arange(n, dtype=xp.int64, device=device(u))
    turns = xp.reshape((steps[:, None] - steps) % n, (-1,))
    return xp.reshape(xp.take(u, turns, axis=-1), (*u.shape, n))


def circulant_vjp(xp: Namespace, dc: Array) -> Array:
    """du_k = Σ_i dC_i,(i-k mod n): the sum over the places where u_k stands. It is its own square."""
    n = dc.shape[-1]
    steps = xp.arange(n, dtype=xp.int64, device=device(dc))
    places = xp.reshape(steps * n + (steps - steps[:, None]) % n, (-1,))
    gathered = xp.take(xp.reshape(dc, (*dc.shape[:-2], n * n)), places, axis=-1)
    return xp.sum(xp.reshape(gathered, dc.shape), axis=-1)


def _norms(xp: Namespace, x: Array) -> Array:
    """‖x‖, kept as an axis; infinite for a row of zeros, which thereby stays zero and takes no gradient."""
    # Scaled by the largest number, so that no square overflows or vanishes.
    largest = xp.max(xp.abs(x), axis=-1, keepdims=True)
    scaled = x / xp.where(largest == 0, 1.0, largest)
    return xp.where(largest == 0, math.inf, largest * xp.sqrt(xp.vecdot(scaled, scaled))[..., None])
