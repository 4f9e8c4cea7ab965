"""Primitives for which NumPy offers a better call than the standard's.

`np.matmul` is several times slower than `np.dot` for products with one row or column; a rank-1 product is an outer
product; a sum over rows is a product with ones; results may be written where the caller keeps them.
"""

from functools import lru_cache
from typing import Any

import numpy as np

Array = Any
FEW_ROWS = (
    16  # up to here `matmul` beats `dot` for dyᵀ x (measured, see docs/performance.md); one row is an outer product
)


def linear(x: Array, weight: Array, bias: Array | None = None) -> Array:
    """x Wᵀ + b by one `dot`."""
    y = np.dot(x if x.ndim < 3 else x.reshape(-1, x.shape[-1]), weight.T)
    if bias is not None:
        y += bias
    return y if x.ndim < 3 else y.reshape(*x.shape[:-1], weight.shape[0])


def linear_vjp_x(dy: Array, weight: Array) -> Array:
    """dy W by one `dot`."""
    if dy.ndim < 3:
        return np.dot(dy, weight)
    return np.dot(dy.reshape(-1, dy.shape[-1]), weight).reshape(*dy.shape[:-1], weight.shape[1])


def linear_vjp_weight(dy: Array, x: Array, *, out: Array | None = None) -> Array:
    """dyᵀ x: outer product, small product or `dot`, by the number of rows."""
    dy, x = dy.reshape(-1, dy.shape[-1]), x.reshape(-1, x.shape[-1])
    if len(x) == 1:
        return np.multiply(dy.T, x, out=out)
    if len(x) <= FEW_ROWS:
        return np.matmul(dy.T, x, out=out)
    return np.dot(dy.T, x, out=out)


def linear_vjp_bias(dy: Array, *, out: Array | None = None) -> Array:
    """Σ dy as a product with ones."""
    dy = dy.reshape(-1, dy.shape[-1])
    return dy[0] if len(dy) == 1 else np.dot(_ones(len(dy), dy.dtype.char), dy, out=out)


def tanh_vjp(dy: Array, y: Array) -> Array:
    """dy (1 - y²) in one buffer."""
    slope = np.asarray(y * y)
    np.subtract(1.0, slope, out=slope)
    slope *= dy
    return slope


def sgd(
    x: Array, dx: Array, deltas: Array | None, learning_rate: float, weight_decay: float, inertia: float
) -> tuple[Array, Array | None]:
    """The update in place, with dx as scratch: no memory is taken."""
    if weight_decay:
        dx += weight_decay * x
    if deltas is not None:
        deltas *= inertia
        dx *= 1.0 - inertia
        deltas += dx
        np.multiply(deltas, learning_rate, out=dx)
    else:
        dx *= learning_rate
    x -= dx
    return x, deltas


@lru_cache(maxsize=64)
def _ones(count: int, char: str) -> Array:
    ones = np.ones(count, dtype=char)
    ones.flags.writeable = False
    return ones


OVERRIDES = {
    function.__name__: function
    for function in (linear, linear_vjp_x, linear_vjp_weight, linear_vjp_bias, tanh_vjp, sgd)
}
