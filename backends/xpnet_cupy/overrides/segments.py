"""Sums of rows with one number: sorted, then one launch that adds each run from its front."""

from functools import partial
from math import prod

from xpnet._typing import Array, Overrides
from xpnet.ops import declines
from xpnet_cupy.overrides.kit import Kit


def segments(kit: Kit) -> Overrides:
    """Sums for numbers 0 … count-1, and for some numbers."""
    return {function.__name__: declines(partial(function, kit)) for function in (segment_add, sum_rows)}


def segment_add(kit: Kit, ids: Array, values: Array, count: int) -> Array:
    """Row k is Σ of values (…, F) over the places where ids (…) is k."""
    if not _takes(kit, ids, values) or ids.shape != values.shape[:-1] or count == 0:
        return NotImplemented
    return _sums(kit, kit.xp.reshape(kit.flat(ids), (-1,)), kit.rows(values), None, count)


def sum_rows(kit: Kit, ids: Array, values: Array, among: Array) -> Array:
    """Row k is Σ of values (n, …) over the places where ids (n,) is among_k."""
    if not _takes(kit, ids, values) or not among.size or among.dtype != ids.dtype:
        return NotImplemented
    rest = values.shape[1:]
    flat = kit.xp.reshape(kit.flat(values), (values.shape[0], prod(rest)))
    sums = _sums(kit, kit.flat(ids), flat, kit.flat(among), among.shape[0])
    return kit.xp.reshape(sums, (among.shape[0], *rest))


def _takes(kit: Kit, ids: Array, values: Array) -> bool:
    return bool(kit.takes(values) and ids.size and ids.dtype.kind == "i" and ids.dtype.itemsize == 8)


def _sums(kit: Kit, ids: Array, values: Array, wanted: Array | None, count: int) -> Array:
    n, width = values.shape
    order = kit.flat(kit.xp.argsort(ids, stable=True))
    sums, listed = kit.new((count, width), values), wanted is not None
    among = ids if wanted is None else wanted
    kit.each("segment_sums", sums.size, ids, order, values, among, sums, n, sums.size, width, listed)
    return sums
