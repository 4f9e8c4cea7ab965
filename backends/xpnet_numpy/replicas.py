"""Sums over replicas as products with ones, and replication row by row."""

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from xpnet.ops import declines
from xpnet_numpy.ones import ones

Array = Any
Shape = tuple[int, ...]


def replicated_sum(parts: Sequence[Array]) -> Array:
    """Σ_k x_k, in C order whatever the order of the parts: everything behind is quicker for it."""
    total, *rest = sorted(parts, key=lambda part: part.size)
    for part in rest:
        total = _meets_all(part, total) if _is_sample_and_labels(part, total) else np.add(part, total, order="C")
    return total if rest else total.copy()


@declines
def replica_sum(dx: Array, shape: Shape) -> Array:
    """Σ dx over a single replicated axis, or over all leading ones."""
    if dx.shape == shape or not dx.flags.c_contiguous or dx.size == 0:
        return NotImplemented
    target, shape = shape, (1,) * (dx.ndim - len(shape)) + shape
    summed = [axis for axis in range(dx.ndim) if shape[axis] != dx.shape[axis]]
    if summed == list(range(len(summed))):
        lead = prod(dx.shape[: len(summed)])
        return np.dot(ones(lead, dx.dtype.char), dx.reshape(lead, -1)).reshape(target)
    if summed == [dx.ndim - 2]:
        return np.matmul(ones(dx.shape[-2], dx.dtype.char), dx).reshape(target)
    return NotImplemented


def _is_sample_and_labels(part: Array, total: Array) -> bool:
    """Whether these are (..., 1, n) and (K, n)."""
    lead = total.shape[:-2] if total.ndim > 1 else (2,)
    return part.ndim > 1 and part.shape[-2] == 1 and prod(lead) == 1 and part.shape[-1] == total.shape[-1]


def _meets_all(part: Array, total: Array) -> Array:
    """(..., 1, n) + (K, n): each row K times, then one addition of long rows."""
    count, width = total.shape[-2:]
    spread = np.repeat(part, count, axis=-2)
    lead = np.broadcast_shapes(part.shape[:-2], total.shape[:-2])
    flat = spread.reshape(*part.shape[:-2], count * width)
    flat += total.reshape(-1)
    return flat.reshape(*lead, count, width)
