"""The affine map y = x Wᵀ + b, with weight (out, in) as in all of the field."""

from xpnet._typing import Array, Namespace
from xpnet.ops.broadcast import rows


def linear(xp: Namespace, x: Array, weight: Array, bias: Array | None = None) -> Array:
    """x Wᵀ + b: maps x (..., in) to (..., out)."""
    y = xp.matmul(x, xp.matrix_transpose(weight))
    return y if bias is None else y + bias


def linear_vjp_x(xp: Namespace, dy: Array, weight: Array) -> Array:
    """dE/dx = dy W."""
    return xp.matmul(dy, weight)


def linear_vjp_weight(xp: Namespace, dy: Array, x: Array, *, out: Array | None = None) -> Array:
    """dE/dW = dyᵀ x, summed over the lead axes; `out` is a place that the result may, but need not, use."""
    return xp.matmul(xp.matrix_transpose(rows(xp, dy)), rows(xp, x))


def linear_vjp_bias(xp: Namespace, dy: Array, *, out: Array | None = None) -> Array:
    """dE/db = Σ dy over the lead axes; `out` is a place that the result may, but need not, use."""
    return xp.sum(rows(xp, dy), axis=0)


def linear_squared_vjp_x(xp: Namespace, ddy: Array, weight: Array) -> Array:
    """ddx = ddy (W∘W): through the squared Jacobian."""
    return xp.matmul(ddy, weight * weight)


def linear_squared_vjp_weight(xp: Namespace, ddy: Array, x: Array) -> Array:
    """ddW = ddyᵀ (x∘x): through the squared Jacobian, summed over the lead axes."""
    return linear_vjp_weight(xp, ddy, x * x)


def linear_squared_vjp_bias(xp: Namespace, ddy: Array) -> Array:
    """ddb = Σ ddy over the lead axes: the Jacobian is one, and so is its square."""
    return linear_vjp_bias(xp, ddy)
