"""Some rows of a table: what is to be added to each, and the table with them replaced."""

from array_api_compat import device

from xpnet._typing import Array, Namespace


def sum_rows(xp: Namespace, ids: Array, values: Array, among: Array) -> Array:
    """Row k is Σ of values (n, …) over the places where ids (n,) is among_k: (m, …). Each of among (m,) occurs in ids.

    Sorted, equal numbers are neighbours, and ⌈log2 n⌉ doublings add up each run of them: no matrix (m, n) is made, and
    what is not finite stays in its own row.
    """
    order = xp.argsort(ids, stable=True)
    ids, sums = xp.take(ids, order), xp.take(values, order, axis=0)
    span = 1  # each row is the sum of up to so many rows before and with it
    while span < ids.shape[0]:
        same = xp.reshape(ids[span:] == ids[:-span], (-1, *(1,) * (values.ndim - 1)))
        longer = sums[span:, ...] + xp.where(same, sums[:-span, ...], 0.0)
        sums, span = xp.concat([sums[:span, ...], longer], axis=0), 2 * span
    return xp.take(sums, xp.searchsorted(ids, among, side="right") - 1, axis=0)


def replace_rows(xp: Namespace, x: Array, ids: Array, values: Array) -> Array:
    """x (K, …) with values (n, …) as its rows ids (n,); equal ids come with equal values. It may overwrite x.

    The reference asks each row of the table whether it is among ids, as the standard cannot assign to rows by number.
    """
    count = ids.shape[0]
    if count == 0:
        return x
    order = xp.argsort(ids, stable=True)
    ids, every = xp.take(ids, order), xp.arange(x.shape[0], dtype=ids.dtype, device=device(ids))
    place = xp.minimum(xp.searchsorted(ids, every), count - 1)
    found = xp.reshape(xp.take(ids, place) == every, (-1, *(1,) * (x.ndim - 1)))
    return xp.where(found, xp.take(values, xp.take(order, place), axis=0), x)
