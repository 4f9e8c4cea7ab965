"""Softmax and logsum of energies, shifted by the energy that dominates.

Both carry the minus sign and β of the lecture: low energy is high probability; for β < 0 the highest energy dominates.
β is a Python float or a 0-d array (where it is trained). A float may be ±inf, the hard limits: logsum is then the
minimum or maximum, and softmax shares ties equally. Softmax at β = 0 is uniform over all possible answers.

A row without any possible answer (all energies +∞ for β > 0) has logsum +∞ and the distribution 0, so that its gradient
is zero and not NaN; a NaN stays visible.
"""

import math

from xpnet._typing import Array, Namespace
from xpnet.ops.exponents import exponents_of, gaps, nonzero


def logsum(xp: Namespace, x: Array, beta: Array | float = 1.0, mean: bool = False) -> Array:
    """-1/β log Σ_k exp(-β x_k) over the last axis: (..., K) to (...).

    mean: the sum divided by K, so that β → 0 has a limit, the mean of the energies.
    """
    if mean and isinstance(beta, float) and beta == 0:
        return xp.mean(x, axis=-1)
    extreme, exponents = exponents_of(xp, x, beta)
    total = xp.sum(xp.exp(exponents), axis=-1)
    logarithm = xp.log(xp.where(total == 0, 1.0, total))
    if mean:
        # Near β = 0 the sum is K (1 + something tiny), of which only the tiny part counts.
        excess = xp.mean(xp.expm1(exponents), axis=-1)
        logarithm = xp.where(excess > -0.5, xp.log1p(xp.clip(excess, min=-0.5)), logarithm - math.log(x.shape[-1]))
    return xp.squeeze(extreme, axis=-1) - logarithm / nonzero(xp, beta)


def logsum_vjp(xp: Namespace, dy: Array, x: Array, beta: Array | float = 1.0) -> Array:
    """dx_k = dy P_k with P = softmax(x)."""
    return dy[..., None] * softmax(xp, x, beta)


def logsum_squared_vjp(xp: Namespace, ddy: Array, x: Array, beta: Array | float = 1.0) -> Array:
    """ddx_k = ddy P_k²."""
    p = softmax(xp, x, beta)
    return ddy[..., None] * p * p


def softmax(xp: Namespace, x: Array, beta: Array | float = 1.0) -> Array:
    """P_k = exp(-β x_k) / Σ_j exp(-β x_j) over the last axis: the Gibbs distribution of the energies x."""
    weights = xp.exp(exponents_of(xp, x, beta)[1])
    total = xp.sum(weights, axis=-1, keepdims=True)
    return weights / xp.where(total == 0, 1.0, total)


def softmax_vjp(xp: Namespace, dp: Array, p: Array, beta: Array | float = 1.0) -> Array:
    """dx_j = -β p_j (dp_j - Σ_i p_i dp_i): the exercise on the lecture's softmax slide; zero at β = ±inf."""
    if isinstance(beta, float) and math.isinf(beta):
        return xp.zeros_like(p)
    return (-beta) * p * (dp - xp.sum(p * dp, axis=-1, keepdims=True))


def softmax_squared_vjp(xp: Namespace, ddp: Array, p: Array, beta: Array | float = 1.0) -> Array:
    """ddx_j = β² p_j² ((1 - 2 p_j) ddp_j + Σ_i p_i² ddp_i), the squares of -β p_i (δ_ij - p_j)."""
    if isinstance(beta, float) and math.isinf(beta):
        return xp.zeros_like(p)
    squares = p * p
    mixed = xp.sum(squares * ddp, axis=-1, keepdims=True)
    return beta**2 * squares * ((1.0 - 2.0 * p) * ddp + mixed)


def surprisal(xp: Namespace, x: Array, beta: float = 1.0) -> Array:
    """-1/β log P_k = x_k - logsum(x), which is 0 for a certain answer and +∞ for an impossible one (β > 0)."""
    total = xp.sum(xp.exp(exponents_of(xp, x, beta)[1]), axis=-1, keepdims=True)
    return math.copysign(1.0, beta) * gaps(xp, x, beta)[1] + xp.log(xp.where(total == 0, 1.0, total)) / beta
