"""Derivatives of softmax and logsum with respect to β, their inverse temperature.

All are written in the exponents e_k = -β (x_k - m), which are never positive, so that nothing cancels. With P =
softmax(x) and the entropy S = -Σ P log P, the slope of logsum is S / β², and that of its mean form (S - log K) / β²,
which tends to minus half the variance of the energies as β → 0.
"""

from xpnet._typing import Array, Namespace
from xpnet.ops.exponents import exponents_of, nonzero

NEAR = 0.01  # below this distance from 1 the logarithm's series is more exact than the logarithm


def softmax_vjp_beta(xp: Namespace, dp: Array, x: Array, beta: Array | float) -> Array:
    """dβ = Σ dP_k P_k (Σ_j P_j x_j - x_k), over all axes."""
    return xp.sum(dp * _softmax_slopes(xp, x, beta))


def softmax_squared_vjp_beta(xp: Namespace, ddp: Array, x: Array, beta: Array | float) -> Array:
    """ddβ = Σ ddP_k (P_k (Σ_j P_j x_j - x_k))², over all axes."""
    return xp.sum(ddp * _softmax_slopes(xp, x, beta) ** 2)


def logsum_vjp_beta(xp: Namespace, dy: Array, x: Array, beta: Array | float, mean: bool = False) -> Array:
    """dβ = Σ dy S / β², over all axes; in the mean form Σ dy (S - log K) / β²."""
    return xp.sum(dy * _logsum_slopes(xp, x, beta, mean))


def logsum_squared_vjp_beta(xp: Namespace, ddy: Array, x: Array, beta: Array | float, mean: bool = False) -> Array:
    """ddβ = Σ ddy (S / β²)², over all axes; in the mean form Σ ddy ((S - log K) / β²)²."""
    return xp.sum(ddy * _logsum_slopes(xp, x, beta, mean) ** 2)


def _softmax_slopes(xp: Namespace, x: Array, beta: Array | float) -> Array:
    p, exponents, _ = _distribution(xp, x, beta)
    return p * ((exponents - xp.sum(p * exponents, axis=-1, keepdims=True)) / nonzero(xp, beta))


def _logsum_slopes(xp: Namespace, x: Array, beta: Array | float, mean: bool) -> Array:
    beta = nonzero(xp, beta)
    p, exponents, total = _distribution(xp, x, beta)
    if mean:
        return _mean_form_slopes(xp, exponents, beta)
    entropy = xp.log(xp.squeeze(total, axis=-1)) - xp.sum(p * exponents, axis=-1)
    return entropy / beta / beta


def _distribution(xp: Namespace, x: Array, beta: Array | float) -> tuple[Array, Array, Array]:
    """P, the exponents, and the sum of their exponentials (1 where no answer is possible)."""
    _, exponents = exponents_of(xp, x, beta)
    weights = xp.exp(exponents)
    total = xp.sum(weights, axis=-1, keepdims=True)
    total = xp.where(total == 0, 1.0, total)
    return weights / total, exponents, total


def _mean_form_slopes(xp: Namespace, exponents: Array, beta: Array | float) -> Array:
    """-1/K Σ φ(K P_k) / β² with φ(q) = q log q - q + 1 ≥ 0: the divergence of P from the uniform distribution."""
    raised = xp.expm1(exponents)
    average = xp.mean(raised, axis=-1, keepdims=True)
    none = average == -1.0
    d = xp.where(none, 0.0, (raised - average) / xp.where(none, 1.0, 1.0 + average))  # K P - 1
    near = xp.abs(d) < NEAR
    small, scaled = xp.where(near, d, 0.0), xp.where(near, d, 0.0) / beta
    coefficients = (1 / 2, -1 / 6, 1 / 12, -1 / 20, 1 / 30, -1 / 42, 1 / 56)
    series = sum(c * small**n for n, c in enumerate(coefficients)) * scaled * scaled
    far = xp.where(near, 0.0, d)
    logarithm = xp.log1p(xp.where(far <= -1.0, 0.0, far))
    direct = ((1.0 + far) * logarithm - far) / beta / beta
    return -xp.mean(xp.where(near, series, direct), axis=-1)
