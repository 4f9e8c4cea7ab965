"""Softmax and logsum of energies, shifted by the energy that dominates.

Both carry the minus sign and β of the lecture: low energy is high probability. For β < 0 the highest energy
dominates. A row without any possible answer (all energies +∞ for β > 0) has logsum +∞ and the distribution 0,
so that its gradient is zero and not NaN.
"""

import math

from xpnet._typing import Array, Namespace


def logsum(xp: Namespace, x: Array, beta: float = 1.0) -> Array:
    """-1/β log Σ_k exp(-β x_k) over the last axis: (..., K) to (...)."""
    extreme, excess, finite = _shifted(xp, x, beta)
    total = xp.sum(xp.exp(excess), axis=-1, keepdims=True)
    return xp.squeeze(xp.where(finite, extreme - xp.log(total) / beta, extreme), axis=-1)


def logsum_vjp(xp: Namespace, dy: Array, x: Array, beta: float = 1.0) -> Array:
    """dx_k = dy P_k with P = softmax(x)."""
    return dy[..., None] * softmax(xp, x, beta)


def logsum_squared_vjp(xp: Namespace, ddy: Array, x: Array, beta: float = 1.0) -> Array:
    """ddx_k = ddy P_k²."""
    p = softmax(xp, x, beta)
    return ddy[..., None] * p * p


def softmax(xp: Namespace, x: Array, beta: float = 1.0) -> Array:
    """P_k = exp(-β x_k) / Σ_j exp(-β x_j) over the last axis: the Gibbs distribution of the energies x."""
    extreme, excess, finite = _shifted(xp, x, beta)
    weights = xp.exp(excess)
    # Where the dominating energy is infinite: all of its share if it is the favoured infinity, none otherwise.
    favoured = extreme == -math.copysign(math.inf, beta)
    weights = xp.where(finite, weights, xp.where(favoured & (x == extreme), 1.0, xp.zeros_like(x)))
    total = xp.sum(weights, axis=-1, keepdims=True)
    return weights / xp.where(total == 0, xp.ones_like(total), total)


def softmax_vjp(xp: Namespace, dp: Array, p: Array, beta: float = 1.0) -> Array:
    """dx_j = -β p_j (dp_j - Σ_i p_i dp_i): the exercise on the lecture's softmax slide."""
    return (-beta) * p * (dp - xp.sum(p * dp, axis=-1, keepdims=True))


def softmax_squared_vjp(xp: Namespace, ddp: Array, p: Array, beta: float = 1.0) -> Array:
    """ddx_j = β² p_j² ((1 - 2 p_j) ddp_j + Σ_i p_i² ddp_i), the squares of -β p_i (δ_ij - p_j)."""
    squares = p * p
    mixed = xp.sum(squares * ddp, axis=-1, keepdims=True)
    return beta**2 * squares * ((1.0 - 2.0 * p) * ddp + mixed)


def _shifted(xp: Namespace, x: Array, beta: float) -> tuple[Array, Array, Array]:
    """The dominating energy m, the exponents -β (x - m), which are never positive, and whether m is finite."""
    extreme = (xp.min if beta > 0 else xp.max)(x, axis=-1, keepdims=True)
    finite = xp.isfinite(extreme)
    return extreme, (-beta) * xp.where(finite, x - xp.where(finite, extreme, 0.0), 0.0), finite
