"""The negative log-likelihood of one desired answer, with the distribution that its gradient needs."""

import math

from xpnet._typing import Array, Namespace
from xpnet.ops.choice import one_hot, select
from xpnet.ops.exponents import exponents_of, gaps


def likelihood(xp: Namespace, x: Array, label: Array, beta: float = 1.0) -> tuple[Array, Array]:
    """-1/β log P_y (...) and P = softmax(x) (..., K), from energies (..., K) and integers (...).

    A forbidden answer (x_y = +∞) gives +∞ whatever β is, a label that points nowhere NaN.
    """
    weights = xp.exp(exponents_of(xp, x, beta)[1])
    total = xp.sum(weights, axis=-1, keepdims=True)
    total = xp.where(total == 0, 1.0, total)
    surprisal = math.copysign(1.0, beta) * gaps(xp, x, beta)[1] + xp.log(total) / beta
    return select(xp, xp.where(x == math.inf, math.inf, surprisal), label), weights / total


def likelihood_vjp(xp: Namespace, dloss: Array, x: Array, label: Array, p: Array) -> Array:
    """dx_k = dL (δ(y - k) - p_k); nothing where x_y = +∞, or where the label points nowhere."""
    chosen = xp.astype(one_hot(xp, label, x.shape[-1]) & (x < math.inf), x.dtype)
    return dloss[..., None] * (chosen - p * xp.sum(chosen, axis=-1, keepdims=True))
