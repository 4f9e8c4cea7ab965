"""Half the squared Euclidean distance, for single pairs and for all pairs of samples and labels."""

from math import prod

from xpnet._typing import Array, Namespace
from xpnet.ops.broadcast import rows, sum_to


def euclidean(xp: Namespace, x: Array, y: Array) -> Array:
    """½ ‖x - y‖² over the last axis; the lead axes of x and y broadcast.

    A batch against a label set, x (B, 1, d) and y (K, d) or (1, K, d), takes one matrix product instead of
    B·K·d differences. Both are centred first: ‖x‖² - 2 x·y + ‖y‖² loses all digits far from the origin.
    """
    if all_pairs(x, y):
        return _pairs(xp, x, y)
    if all_pairs(y, x):
        return _pairs(xp, y, x)
    difference = x - y
    return 0.5 * xp.vecdot(difference, difference)


def euclidean_vjp(xp: Namespace, denergy: Array, x: Array, y: Array) -> Array:
    """dx = Σ dE (x - y), summed to the shape of x; for dy exchange x and y."""
    if all_pairs(x, y):
        centre = _centre(xp, y)
        grid = xp.reshape(denergy, (-1, denergy.shape[-1]))
        weight = xp.sum(grid, axis=-1, keepdims=True)
        return xp.reshape(weight * (rows(xp, x) - centre) - xp.matmul(grid, rows(xp, y) - centre), x.shape)
    if all_pairs(y, x):
        centre = _centre(xp, x)
        grid = xp.reshape(denergy, (-1, x.shape[-2]))
        weight = xp.sum(grid, axis=0)[..., None]
        pulled = weight * (rows(xp, x) - centre) - xp.matmul(xp.matrix_transpose(grid), rows(xp, y) - centre)
        return xp.reshape(pulled, x.shape)
    return sum_to(denergy[..., None] * (x - y), x.shape)


def euclidean_squared_vjp(xp: Namespace, ddenergy: Array, x: Array, y: Array) -> Array:
    """ddx = Σ ddE (x - y)², summed to the shape of x; for ddy exchange x and y."""
    difference = x - y
    return sum_to(ddenergy[..., None] * difference * difference, x.shape)


def euclidean_curvature(xp: Namespace, denergy: Array, x: Array) -> Array:
    """The cost's own second derivative, ∂²E/∂x² = 1, weighted by dE and summed to the shape of x."""
    return sum_to(denergy[..., None] * xp.ones_like(x), x.shape)


def all_pairs(x: Array, y: Array) -> bool:
    """Whether x holds samples (B, 1, d) and y one label set (K, d) for all of them."""
    return bool(
        x.ndim >= 3
        and y.ndim >= 2
        and x.shape[-2] == 1
        and y.shape[-2] > 1
        and prod(y.shape[:-2]) == 1
        and prod(x.shape[:-1]) > 1
    )


def _pairs(xp: Namespace, x: Array, y: Array) -> Array:
    centre = _centre(xp, y)
    left, right = rows(xp, x) - centre, rows(xp, y) - centre
    halves = 0.5 * xp.vecdot(left, left)[..., None] + 0.5 * xp.vecdot(right, right)
    energies = halves - xp.matmul(left, xp.matrix_transpose(right))
    lead = x.shape[:-2] if x.ndim >= y.ndim else (1,) * (y.ndim - x.ndim) + x.shape[:-2]
    return xp.reshape(energies, (*lead, y.shape[-2]))


def _centre(xp: Namespace, y: Array) -> Array:
    return xp.mean(rows(xp, y), axis=0)
