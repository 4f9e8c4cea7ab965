"""Pieces of sequences: some steps of one, and several one after the other."""

from collections.abc import Sequence

from array_api_compat import device

from xpnet._typing import Array, Namespace
from xpnet.ops.broadcast import broadcast_lead


def steps(xp: Namespace, x: Array, start: int, count: int, axis: int) -> Array:
    """The `count` steps of x from `start` on along a (negative) axis."""
    return x[(..., slice(start, start + count), *(slice(None),) * (-1 - axis))]


def steps_vjp(xp: Namespace, dy: Array, start: int, length: int, axis: int) -> Array:
    """dx with `length` steps: dy in its place and zeros elsewhere; its 0/1 Jacobian is its own square."""

    def zeros(count: int) -> Array:
        return xp.zeros((*dy.shape[:axis], count, *dy.shape[axis:][1:]), dtype=dy.dtype, device=device(dy))

    return xp.concat([zeros(start), dy, zeros(length - start - dy.shape[axis])], axis=axis)


def join(xp: Namespace, parts: Sequence[Array]) -> Array:
    """One sequence (…, T_k, F) after the other; lead axes broadcast first."""
    lead = broadcast_lead([part.shape[:-2] for part in parts])
    return xp.concat([xp.broadcast_to(part, (*lead, *part.shape[-2:])) for part in parts], axis=-2)


def join_vjp(xp: Namespace, dy: Array, lengths: Sequence[int]) -> list[Array]:
    """dx_k: the steps of dy that came from part k; each still has the broadcast lead axes."""
    pieces, start = [], 0
    for length in lengths:
        pieces.append(dy[..., start : start + length, :])
        start += length
    return pieces
