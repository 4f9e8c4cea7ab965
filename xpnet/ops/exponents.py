"""The exponents -β (x - m) that softmax, logsum and their derivatives share, for any energies and any β."""

import math

from xpnet._typing import Array, Namespace

LIMIT = 1e3  # exp(-LIMIT) is 0 in every real dtype
TINY = 1e-35  # stands for β = 0 where one must divide: LIMIT / TINY is still finite in float32


def gaps(xp: Namespace, x: Array, beta: Array | float) -> tuple[Array, Array]:
    """The dominating energy m (..., 1), the lowest one for β > 0, and the distances |x - m| from it."""
    extreme = _dominating(xp, x, beta)
    unbounded = xp.isinf(extreme)
    gap = xp.where(unbounded, math.inf, xp.abs(x - xp.where(unbounded, 0.0, extreme)))
    # Where m is infinite: an answer that beats all others (-∞ for β > 0) has no distance, an impossible one is far.
    wins = (extreme < 0) == (beta >= 0)
    return extreme, xp.where(unbounded & wins & (x == extreme), 0.0, gap)


def exponents_of(xp: Namespace, x: Array, beta: Array | float) -> tuple[Array, Array]:
    """The dominating energy m (..., 1), and -β (x - m): from 0 for m itself down to -LIMIT for what is negligible."""
    extreme, gap = gaps(xp, x, beta)
    if not isinstance(beta, float):
        return extreme, _bounded(xp, gap, xp.abs(nonzero(xp, beta)))
    if math.isinf(beta):
        return extreme, xp.where(gap > 0, -LIMIT, -gap)
    if beta == 0:
        return extreme, xp.where(xp.isinf(gap), -LIMIT, xp.where(xp.isnan(gap), gap, 0.0))
    return extreme, _bounded(xp, gap, abs(beta))


def nonzero(xp: Namespace, beta: Array | float) -> Array | float:
    """β, or in place of 0 a number that one can divide by."""
    if isinstance(beta, float):
        return beta or TINY
    return xp.where(xp.abs(beta) < TINY, TINY, beta)


def _dominating(xp: Namespace, x: Array, beta: Array | float) -> Array:
    if isinstance(beta, float):
        return (xp.max if beta < 0 else xp.min)(x, axis=-1, keepdims=True)
    return xp.where(beta < 0, xp.max(x, axis=-1, keepdims=True), xp.min(x, axis=-1, keepdims=True))


def _bounded(xp: Namespace, gap: Array, strength: Array | float) -> Array:
    """-strength · gap, at least -LIMIT; the gap is bounded first, for neither 0 · ∞ nor an overflow may come up."""
    bound = min(LIMIT / strength, LIMIT / TINY) if isinstance(strength, float) else LIMIT / strength
    return -strength * xp.where(gap > bound, bound, gap)
