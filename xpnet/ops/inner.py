"""The negative inner product as an energy, for single pairs and for all pairs of samples and labels."""

from xpnet._typing import Array, Namespace
from xpnet.ops.broadcast import rows, sum_to
from xpnet.ops.distance import all_pairs


def inner(xp: Namespace, x: Array, y: Array) -> Array:
    """-x · y over the last axis; the lead axes of x and y broadcast.

    A batch against a label set, x (B, 1, d) and y (K, d) or (1, K, d), takes one matrix product.
    """
    if all_pairs(x, y):
        lead = (1,) * max(y.ndim - x.ndim, 0) + tuple(x.shape[:-2])
        return xp.reshape(-xp.matmul(rows(xp, x), xp.matrix_transpose(rows(xp, y))), (*lead, y.shape[-2]))
    return inner(xp, y, x) if all_pairs(y, x) else -xp.vecdot(x, y)


def inner_vjp(xp: Namespace, denergy: Array, x: Array, y: Array) -> Array:
    """dx = -Σ dE y, summed to the shape of x; for dy exchange x and y."""
    if all_pairs(x, y):
        return xp.reshape(-xp.matmul(xp.reshape(denergy, (-1, denergy.shape[-1])), rows(xp, y)), x.shape)
    if all_pairs(y, x):
        grid = xp.reshape(denergy, (-1, x.shape[-2]))
        return xp.reshape(-xp.matmul(xp.matrix_transpose(grid), rows(xp, y)), x.shape)
    return sum_to(-denergy[..., None] * y, x.shape)


def inner_squared_vjp(xp: Namespace, ddenergy: Array, x: Array, y: Array) -> Array:
    """ddx = Σ ddE y², summed to the shape of x; for ddy exchange x and y."""
    return -inner_vjp(xp, ddenergy, x, y * y)
