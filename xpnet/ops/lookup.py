"""Rows of a table by their numbers, and the sums that pull gradients back into them."""

import math

from array_api_compat import device

from xpnet._typing import Array, Namespace


def lookup(xp: Namespace, weight: Array, ids: Array) -> Array:
    """Row ids of weight (n, F): integers (…) to (…, F); NaN for what is no row, which libraries differ about."""
    known = (ids >= 0) & (ids < weight.shape[0])
    flat = xp.reshape(xp.where(known, ids, xp.zeros_like(ids)), (-1,))
    rows = xp.reshape(xp.take(weight, flat, axis=0), (*ids.shape, weight.shape[1]))
    return xp.where(known[..., None], rows, math.nan)


def segment_add(xp: Namespace, ids: Array, values: Array, count: int) -> Array:
    """Row k is Σ of values (…, F) over the places where ids (…) is k, for k = 0 … count-1: the pullback of `lookup`.

    The reference is a product with the one-hot matrix of ids, as the standard cannot add through repeated indices.
    """
    flat = xp.reshape(ids, (-1, 1))
    hits = flat == xp.arange(count, dtype=ids.dtype, device=device(ids))
    one_hot = xp.matrix_transpose(xp.astype(hits, values.dtype))
    return xp.matmul(one_hot, xp.reshape(values, (flat.shape[0], values.shape[-1])))
