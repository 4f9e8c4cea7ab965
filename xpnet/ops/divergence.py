"""How far a distribution is from the desired one: log loss, cross-entropy, Kullback-Leibler divergence.

0 log 0 is 0. An answer that is desired but impossible costs +∞; since no step could repair that, it takes no gradient.
"""

import math

from xpnet._typing import Array, Namespace
from xpnet.ops.choice import one_hot, select
from xpnet.ops.gibbs import softmax, surprisal


def log_loss(xp: Namespace, p: Array, label: Array, beta: float = 1.0) -> Array:
    """-1/β log p_y: probabilities (..., K) and integers (...) to energies (...)."""
    chosen = select(xp, p, label)
    return xp.where(chosen == 0, math.copysign(math.inf, beta), _log(xp, chosen) / -beta)


def log_loss_vjp(xp: Namespace, denergy: Array, p: Array, label: Array, beta: float = 1.0) -> Array:
    """dp_k = -dE δ(y - k) / (β p_k)."""
    return denergy[..., None] * _log_loss_slopes(xp, p, label, beta)


def log_loss_squared_vjp(xp: Namespace, ddenergy: Array, p: Array, label: Array, beta: float = 1.0) -> Array:
    """ddp_k = ddE δ(y - k) / (β p_k)²."""
    return ddenergy[..., None] * _log_loss_slopes(xp, p, label, beta) ** 2


def log_loss_curvature(xp: Namespace, denergy: Array, p: Array, label: Array, beta: float = 1.0) -> Array:
    """The cost's own second derivative, δ(y - k) / (β p_k²), weighted by dE."""
    return denergy[..., None] * beta * _log_loss_slopes(xp, p, label, beta) ** 2


def cross_entropy(xp: Namespace, x: Array, d: Array, beta: float = 1.0) -> Array:
    """-1/β Σ_k d_k log P_k with P = softmax(x), from the energies x and never through P itself."""
    return xp.sum(d * xp.where(d == 0, 0.0, surprisal(xp, x, beta)), axis=-1)


def cross_entropy_vjp_x(xp: Namespace, denergy: Array, x: Array, d: Array, beta: float = 1.0) -> Array:
    """dx_k = dE (d_k - P_k Σ_j d_j)."""
    return denergy[..., None] * _cross_entropy_slopes(xp, x, d, beta)


def cross_entropy_squared_vjp_x(xp: Namespace, ddenergy: Array, x: Array, d: Array, beta: float = 1.0) -> Array:
    """ddx_k = ddE (d_k - P_k Σ_j d_j)²."""
    return ddenergy[..., None] * _cross_entropy_slopes(xp, x, d, beta) ** 2


def cross_entropy_curvature_x(xp: Namespace, denergy: Array, x: Array, d: Array, beta: float = 1.0) -> Array:
    """The cost's own second derivative, β P_k (1 - P_k) Σ_j d_j, weighted by dE."""
    p, d = softmax(xp, x, beta), _possible(xp, x, d, beta)
    return denergy[..., None] * (beta * p * (1.0 - p) * xp.sum(d, axis=-1, keepdims=True))


def cross_entropy_vjp_d(xp: Namespace, denergy: Array, x: Array, beta: float = 1.0) -> Array:
    """dd_k = -dE/β log P_k, in which the cost is linear."""
    return denergy[..., None] * surprisal(xp, x, beta)


def cross_entropy_squared_vjp_d(xp: Namespace, ddenergy: Array, x: Array, beta: float = 1.0) -> Array:
    """ddd_k = ddE (1/β log P_k)²."""
    return ddenergy[..., None] * surprisal(xp, x, beta) ** 2


def kullback_leibler(xp: Namespace, q: Array, p: Array) -> Array:
    """Σ_k q_k log(q_k / p_k): distributions (..., K) to energies (...); not symmetric."""
    terms = xp.where(p == 0, math.inf, q * (_log(xp, q) - _log(xp, p)))
    return xp.sum(xp.where(q == 0, 0.0, terms), axis=-1)


def kullback_leibler_slopes(xp: Namespace, q: Array, p: Array) -> tuple[Array, Array]:
    """∂/∂q_k = log(q_k / p_k) + 1 and ∂/∂p_k = -q_k / p_k; both 0 where q_k or p_k is 0."""
    inside = (q > 0) & (p > 0)
    by_q = xp.where(inside, _log(xp, q) - _log(xp, p) + 1.0, 0.0)
    return by_q, xp.where(inside, -q / _filled(xp, p), 0.0)


def kullback_leibler_curvatures(xp: Namespace, q: Array, p: Array) -> tuple[Array, Array]:
    """∂²/∂q_k² = 1 / q_k and ∂²/∂p_k² = q_k / p_k²; both 0 where q_k or p_k is 0."""
    inside = (q > 0) & (p > 0)
    return xp.where(inside, 1.0 / _filled(xp, q), 0.0), xp.where(inside, q / _filled(xp, p) ** 2, 0.0)


def _cross_entropy_slopes(xp: Namespace, x: Array, d: Array, beta: float) -> Array:
    d = _possible(xp, x, d, beta)
    return d - softmax(xp, x, beta) * xp.sum(d, axis=-1, keepdims=True)


def _possible(xp: Namespace, x: Array, d: Array, beta: float) -> Array:
    """d without the answers that are impossible: no step could lower their energies from +∞ (-∞ for β < 0)."""
    return xp.where(x == math.copysign(math.inf, beta), 0.0, d)


def _log_loss_slopes(xp: Namespace, p: Array, label: Array, beta: float) -> Array:
    counts = one_hot(xp, label, p.shape[-1]) & (p != 0)
    return xp.where(counts, -1.0 / (beta * _filled(xp, p)), 0.0)


def _filled(xp: Namespace, p: Array) -> Array:
    return xp.where(p == 0, 1.0, p)


def _log(xp: Namespace, p: Array) -> Array:
    return xp.log(_filled(xp, p))
