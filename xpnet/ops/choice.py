"""Choosing one of several: by an integer label, or by the lowest energy. Gradients go to the chosen only."""

import math
from collections.abc import Sequence

from array_api_compat import device

from xpnet._typing import Array, Namespace


def one_hot(xp: Namespace, label: Array, count: int) -> Array:
    """Whether y = k, for k from 0 to count - 1: integers (...) to booleans (..., K); none is true out of that range."""
    return label[..., None] == xp.arange(count, dtype=label.dtype, device=device(label))


def select(xp: Namespace, x: Array, label: Array) -> Array:
    """x_y over the last axis: (..., K) and integers (...) to (...); a label that points nowhere gives NaN."""
    chosen = one_hot(xp, label, x.shape[-1])
    picked = xp.sum(xp.where(chosen, x, 0.0), axis=-1)
    return xp.where(xp.any(chosen, axis=-1), picked, math.nan)


def select_vjp(xp: Namespace, dy: Array, x: Array, label: Array) -> Array:
    """dx_k = dy δ(y - k); the Jacobian is its own square."""
    return xp.where(one_hot(xp, label, x.shape[-1]), dy[..., None], 0.0)


def switch(xp: Namespace, inputs: Sequence[Array], label: Array, event_ndim: int) -> Array:
    """Σ_k δ(y - k) x_k: a label of shape (*lead) chooses among inputs (*lead, *event); NaN if it points nowhere.

    Every sum is a selection, so that a NaN or an infinity in an input that is switched off does no harm.
    """
    label = _spread(xp, label, event_ndim)
    y = xp.where(label == 0, inputs[0], math.nan)
    for k, x in enumerate(inputs[1:], start=1):
        y = xp.where(label == k, x, y)
    return y


def switch_vjp(xp: Namespace, dy: Array, label: Array, count: int, event_ndim: int) -> list[Array]:
    """dx_k = δ(y - k) dy for each of `count` inputs; the Jacobian is its own square."""
    label = _spread(xp, label, event_ndim)
    return [xp.where(label == k, dy, 0.0) for k in range(count)]


def lowest(xp: Namespace, x: Array) -> Array:
    """min_k x_k over the last axis: (..., K) to (...)."""
    return xp.min(x, axis=-1)


def lowest_vjp(xp: Namespace, dy: Array, x: Array) -> Array:
    """dx_k = dy for the first lowest x_k, 0 for the others; a row of +∞ (no possible answer) takes nothing."""
    chosen = one_hot(xp, xp.argmin(x, axis=-1), x.shape[-1])
    return xp.where(chosen & (x < math.inf), dy[..., None], 0.0)


def rivals(xp: Namespace, x: Array) -> Array:
    """y_k = min_{j ≠ k} x_j over the last axis: the energy of each answer's most offending rival, +∞ if K = 1."""
    first = one_hot(xp, xp.argmin(x, axis=-1), x.shape[-1])
    others = xp.where(first, math.inf, x)
    return xp.where(first, xp.min(others, axis=-1, keepdims=True), xp.min(x, axis=-1, keepdims=True))


def rivals_vjp(xp: Namespace, dy: Array, x: Array) -> Array:
    """dx: the first lowest answer is everybody else's rival, the second lowest is its own; 0/1, its own square."""
    first = one_hot(xp, xp.argmin(x, axis=-1), x.shape[-1])
    second = one_hot(xp, xp.argmin(xp.where(first, math.inf, x), axis=-1), x.shape[-1])
    to_first = xp.sum(xp.where(first, 0.0, dy), axis=-1, keepdims=True)
    to_second = xp.sum(xp.where(first, dy, 0.0), axis=-1, keepdims=True)
    return xp.where(first, to_first, xp.where(second, to_second, xp.zeros_like(x)))


def _spread(xp: Namespace, label: Array, event_ndim: int) -> Array:
    return xp.reshape(label, (*label.shape, *(1,) * event_ndim))
