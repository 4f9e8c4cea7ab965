"""f(x Wᵀ + b) as one primitive: composites of `linear` and the functions of pointwise, for backends that fuse them.

Nothing is fused unasked: a module says by calling one of these that it wants both at once. Backwards nothing new is
needed, as the pullbacks of f ask only for its output: `tanh_vjp(dy, y)`, then those of `linear`.
"""

from xpnet._typing import Array, Namespace
from xpnet.ops.linear import linear
from xpnet.ops.pointwise import relu, scaled_tanh, sigmoid, tanh


def affine_tanh(xp: Namespace, x: Array, weight: Array, bias: Array) -> Array:
    """tanh(x Wᵀ + b)."""
    return tanh(xp, linear(xp, x, weight, bias))


def affine_scaled_tanh(xp: Namespace, x: Array, weight: Array, bias: Array) -> Array:
    """1.7159 tanh(2(x Wᵀ + b)/3)."""
    return scaled_tanh(xp, linear(xp, x, weight, bias))


def affine_sigmoid(xp: Namespace, x: Array, weight: Array, bias: Array) -> Array:
    """1 / (1 + exp(-(x Wᵀ + b)))."""
    return sigmoid(xp, linear(xp, x, weight, bias))


def affine_relu(xp: Namespace, x: Array, weight: Array, bias: Array) -> Array:
    """max(x Wᵀ + b, 0)."""
    return relu(xp, linear(xp, x, weight, bias))
