"""Updates of a parameter vector; they may reuse the memory of what they are given."""

from xpnet._typing import Array, Namespace


def sgd(
    xp: Namespace,
    x: Array,
    dx: Array,
    deltas: Array | None,
    learning_rate: Array | float,
    weight_decay: float,
    inertia: float,
) -> tuple[Array, Array | None]:
    """x - η g with g = dx + λ x; with inertia μ, x - η δ and δ ← (1-μ) g + μ δ.

    This is gblearn2's inertia: δ is a running *mean* of gradients. Heavy ball, v ← μ v + g, is a running *sum*:
    it takes steps 1/(1-μ) times as long, so η here equals η (1-μ) there. η is a
    number, or an array () of the same dtype. Returns (x, δ); x, dx and deltas belong
    to the caller's store and may be overwritten by an accelerated form.
    """
    gradient = dx if weight_decay == 0 else dx + weight_decay * x
    if deltas is not None:
        gradient = deltas = (1.0 - inertia) * gradient + inertia * deltas
    return x - learning_rate * gradient, deltas


def diag_lm(
    xp: Namespace, x: Array, dx: Array, curvature: Array, learning_rate: Array | float, mu: float, weight_decay: float
) -> Array:
    """x - η g / (max(h, 0) + μ) with g = dx + λ x: each number at the rate that its own curvature h allows."""
    gradient = dx if weight_decay == 0 else dx + weight_decay * x
    return x - learning_rate * gradient / (xp.maximum(curvature, 0.0) + mu)
