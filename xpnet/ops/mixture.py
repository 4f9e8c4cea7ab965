"""Weighted sums of what several experts say."""

from collections.abc import Sequence

from xpnet._typing import Array, Namespace


def weighted_sum(xp: Namespace, u: Array, parts: Sequence[Array], event_ndim: int = 1) -> Array:
    """Σ_k u_k F_k: weights u (*lead, K) and K parts (*lead, *event); lead axes broadcast."""
    total = weighted_part(xp, u, 0, parts[0], event_ndim)
    for k, part in enumerate(parts[1:], start=1):
        total = total + weighted_part(xp, u, k, part, event_ndim)
    return total


def weighted_part(xp: Namespace, u: Array, k: int, part: Array, event_ndim: int = 1) -> Array:
    """u_k F_k; with dy for F_k, it is the pullback to that part."""
    return u[(..., k, *(None,) * event_ndim)] * part


def weighted_sum_vjp_weights(xp: Namespace, dy: Array, parts: Sequence[Array], event_ndim: int = 1) -> Array:
    """du_k = Σ_event dy F_k, with the lead axes of dy."""
    axes = tuple(range(-event_ndim, 0))
    return xp.stack([xp.sum(dy * part, axis=axes) if axes else dy * part for part in parts], axis=-1)


def weighted_sum_squared_vjp_weights(xp: Namespace, ddy: Array, parts: Sequence[Array], event_ndim: int = 1) -> Array:
    """ddu_k = Σ_event ddy F_k²."""
    return weighted_sum_vjp_weights(xp, ddy, [part * part for part in parts], event_ndim)


def weighted_rows(xp: Namespace, u: Array, stack: Array) -> Array:
    """Σ_k u_k F_k with the K parts as rows of one array (*lead, K, d)."""
    return xp.sum(u[..., None] * stack, axis=-2)


def weighted_rows_vjp_weights(xp: Namespace, dy: Array, stack: Array) -> Array:
    """du_k = dy · F_k."""
    return xp.vecdot(dy[..., None, :], stack)
