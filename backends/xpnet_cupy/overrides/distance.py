"""Distances between samples and a label set by one product, and radial basis functions of them."""

from functools import partial

from xpnet._typing import Array, Overrides
from xpnet.ops import declines
from xpnet.ops.distance import all_pairs
from xpnet_cupy.overrides.kit import Kit


def distance(kit: Kit) -> Overrides:
    """All pairs of samples and labels; single pairs are left to the reference."""
    functions = (euclidean, euclidean_vjp, bumps, bumps_slopes)
    return {function.__name__: declines(partial(function, kit)) for function in functions}


def euclidean(kit: Kit, x: Array, y: Array) -> Array:
    """½ ‖x - y‖² for all pairs, samples and labels on either port."""
    if not kit.takes(x, y) or not (all_pairs(x, y) or all_pairs(y, x)):
        return NotImplemented
    return _energies(kit, x, y) if all_pairs(x, y) else _energies(kit, y, x)


def euclidean_vjp(kit: Kit, denergy: Array, x: Array, y: Array) -> Array:
    """dx = Σ dE (x - y): Σ dE times x, less a product, both from the labels' centre."""
    if not kit.takes(x, y, denergy) or not (all_pairs(x, y) or all_pairs(y, x)):
        return NotImplemented
    xp, samples = kit.xp, all_pairs(x, y)
    grid = xp.reshape(kit.flat(denergy), (-1, (y if samples else x).shape[-2]))
    own, others = kit.rows(x), kit.rows(y)
    centre = _centre(kit, others if samples else own)
    moved, _ = centred(kit, others, centre)
    drawn = kit.flat(xp.matmul(grid if samples else xp.matrix_transpose(grid), moved))
    weights = kit.flat(xp.sum(grid, axis=1 if samples else 0))
    kit.each("distances_vjp", drawn.size, drawn, weights, own, centre, drawn.size, own.shape[1])
    return xp.reshape(drawn, x.shape)


def bumps(kit: Kit, half: Array, widths: Array) -> Array:
    """φ (..., K)."""
    if not kit.takes(half, widths) or widths.shape != half.shape[-1:]:
        return NotImplemented
    half, phi = kit.flat(half), kit.new(half.shape, half)
    kit.each("bumps", half.size, half, kit.flat(widths), phi, half.size, widths.shape[0])
    return phi


def bumps_slopes(kit: Kit, half: Array, phi: Array, widths: Array) -> tuple[Array, Array]:
    """Slopes by d²/2 and by k, both (..., K)."""
    if not kit.takes(half, phi, widths) or widths.shape != half.shape[-1:] or half.shape != phi.shape:
        return NotImplemented
    by_half, by_width = kit.new(half.shape, half), kit.new(half.shape, half)
    given = map(kit.flat, (half, phi, widths))
    kit.each("bumps_slopes", half.size, *given, by_half, by_width, half.size, widths.shape[0])
    return by_half, by_width


def centred(kit: Kit, x: Array, centre: Array) -> tuple[Array, Array]:
    """x - c for rows x (n, d), and half their squared norms (n,)."""
    rows, width = x.shape
    moved, halves = kit.new(x.shape, x), kit.new((rows,), x)
    kit.by_rows("centred", rows, width, x, centre, moved, halves, rows, width)
    return moved, halves


def _centre(kit: Kit, y: Array) -> Array:
    return kit.flat(kit.xp.mean(y, axis=0))


def _energies(kit: Kit, samples: Array, labels: Array) -> Array:
    """Samples (B, 1, d) against labels (K, d), whatever port each came by."""
    xp, right = kit.xp, kit.rows(labels)
    centre = _centre(kit, right)
    (left, own), (right, others) = centred(kit, kit.rows(samples), centre), centred(kit, right, centre)
    energies = kit.flat(xp.matmul(left, xp.matrix_transpose(right)))
    kit.each("distances", energies.size, energies, own, others, energies.size, len(others))
    lead = (1,) * max(labels.ndim - samples.ndim, 0) + samples.shape[:-2]
    return xp.reshape(energies, (*lead, len(others)))
