"""Concatenation of vectors along their last axis; lead axes broadcast first."""

from collections.abc import Sequence

from xpnet._typing import Array, Namespace
from xpnet.ops.broadcast import broadcast_lead


def concatenate(xp: Namespace, parts: Sequence[Array]) -> Array:
    """(x_1 | x_2 | … | x_K): parts (*lead_k, n_k) to (*lead, Σ n_k)."""
    lead = broadcast_lead([part.shape[:-1] for part in parts])
    return xp.concat([xp.broadcast_to(part, (*lead, part.shape[-1])) for part in parts], axis=-1)


def concatenate_vjp(xp: Namespace, dy: Array, widths: Sequence[int]) -> list[Array]:
    """dx_k: the slice of dy that came from part k; each still has the broadcast lead axes."""
    pieces, start = [], 0
    for width in widths:
        pieces.append(dy[..., start : start + width])
        start += width
    return pieces
