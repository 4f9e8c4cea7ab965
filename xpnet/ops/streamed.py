"""Minimum and logsum over label sets too large to hold: tiles of energies come and go, only O(batch) stays.

A tile is a call `tile(start, stop)` that gives the energies (..., stop - start) of the labels start … stop-1, by
whatever formula; it is called once for each tile in a pass, in order. β is a positive Python float.
"""

import math
from collections.abc import Callable

from array_api_compat import device

from xpnet._typing import Array, Namespace
from xpnet.ops.running import free_energy, lowered, spans, weights_above

Tile = Callable[[int, int], Array]
FEW = 8  # so many lowest energies are selected one by one


def streamed_lowest(xp: Namespace, tile: Tile, n_labels: int, count: int, size: int) -> tuple[Array, Array]:
    """The `count` lowest energies (..., count) in ascending order, and their labels; of equal ones the first labels.

    NaN wins, so that it is seen: the first energy of its row is then NaN.
    """
    best = None
    for start, stop in spans(n_labels, size):
        best = _merged(xp, best, tile(start, stop), start, count)
    if best is None:
        msg = "there is no lowest energy of no labels"
        raise ValueError(msg)
    return best


def streamed_logsum(xp: Namespace, tile: Tile, n_labels: int, beta: float, size: int) -> Array:
    """F = -1/β log Σ_k exp(-β E_k) (...), by a running sum, rescaled when a lower energy comes; +∞ if none is."""
    extreme: Array | None = None
    total: Array = 0.0
    for start, stop in spans(n_labels, size):
        energies = tile(start, stop)
        extreme, rescaled = lowered(xp, extreme, energies, beta)
        total = rescaled * total + xp.sum(weights_above(xp, energies, extreme, beta), axis=-1)
    return free_energy(xp, extreme, total, beta)


def streamed_logsum_vjp(
    xp: Namespace, df: Array, f: Array, tile: Tile, pull: Callable[[int, int, Array], None], n_labels: int,
    beta: float, size: int,
) -> None:  # fmt: skip
    """dE_k = dF P_k tile by tile, the energies computed again: `pull(start, stop, dE)` takes each tile's gradient.

    f (...) is what streamed_logsum gave, df its gradient. `pull` follows the call of `tile` for the same labels.
    """
    for start, stop in spans(n_labels, size):
        pull(start, stop, df[..., None] * weights_above(xp, tile(start, stop), f, beta))


def _merged(
    xp: Namespace, best: tuple[Array, Array] | None, energies: Array, start: int, count: int
) -> tuple[Array, Array]:
    """The lowest of what was best and of one more tile."""
    first = count == 1
    if first:
        labels = xp.argmin(energies, axis=-1, keepdims=True)
        energies = xp.min(energies, axis=-1, keepdims=True)
    else:
        labels = xp.broadcast_to(
            xp.arange(energies.shape[-1], dtype=xp.int64, device=device(energies)), tuple(energies.shape)
        )
    labels = xp.astype(labels, xp.int64) + start
    if best is not None:
        if first:
            taken = (energies < best[0]) | (xp.isnan(energies) & ~xp.isnan(best[0]))
            return xp.where(taken, energies, best[0]), xp.where(taken, labels, best[1])
        energies, labels = (xp.concat(pair, axis=-1) for pair in zip(best, (energies, labels), strict=True))
    if first:
        return energies, labels
    return _sorted(xp, energies, labels, count)


def _sorted(xp: Namespace, energies: Array, labels: Array, count: int) -> tuple[Array, Array]:
    """The `count` lowest in order; earlier tiles stand in front, and of equal ones the first comes first."""
    # NaN comes first of all, also before -∞.
    unseen = xp.where(xp.isnan(energies), -math.inf, xp.maximum(energies, float(xp.finfo(energies.dtype).min)))
    count = min(count, energies.shape[-1])
    order = _selected(xp, unseen, count) if count <= FEW else xp.argsort(unseen, axis=-1, stable=True)[..., :count]
    return xp.take_along_axis(energies, order, axis=-1), xp.take_along_axis(labels, order, axis=-1)


def _selected(xp: Namespace, energies: Array, count: int) -> Array:
    """The places of the `count` lowest, one after the other: for few, quicker than sorting all."""
    places, here = [], xp.arange(energies.shape[-1], dtype=xp.int64, device=device(energies))
    left = xp.ones_like(energies, dtype=xp.bool)
    for _ in range(count):
        rest = xp.where(left, energies, math.inf)
        # Among forbidden ones (+∞), those that were taken already look alike: the first that is left is next.
        open_ones = xp.argmax(xp.astype(left, xp.int8), axis=-1, keepdims=True)
        place = xp.argmin(rest, axis=-1, keepdims=True)
        place = xp.where(xp.min(rest, axis=-1, keepdims=True) == math.inf, open_ones, place)
        places.append(xp.astype(place, xp.int64))
        left = left & (here != place)
    return xp.concat(places, axis=-1)
