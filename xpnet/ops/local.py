"""Linear maps of their own at every place: local connections without weight sharing.

x (…, *places, in), weight (*places, out, in), y (…, *places, out).
"""

from xpnet._typing import Array, Namespace
from xpnet.ops.broadcast import sum_to


def local_linear(xp: Namespace, x: Array, weight: Array, bias: Array | None = None) -> Array:
    """y_p = W_p x_p + b_p."""
    y = xp.matmul(weight, x[..., None])[..., 0]
    return y if bias is None else y + bias


def local_linear_vjp_x(xp: Namespace, dy: Array, weight: Array) -> Array:
    """dx_p = W_pᵀ dy_p."""
    return xp.matmul(xp.matrix_transpose(weight), dy[..., None])[..., 0]


def local_linear_vjp_weight(xp: Namespace, dy: Array, x: Array, places: int) -> Array:
    """dW_p = Σ dy_p x_pᵀ over the lead axes; `places` counts the axes of places."""
    event = x.shape[x.ndim - 1 - places : -1]
    return sum_to(dy[..., :, None] * x[..., None, :], (*event, dy.shape[-1], x.shape[-1]))


def local_linear_squared_vjp_x(xp: Namespace, ddy: Array, weight: Array) -> Array:
    """ddx_p = (W_p∘W_p)ᵀ ddy_p."""
    return local_linear_vjp_x(xp, ddy, weight * weight)


def local_linear_squared_vjp_weight(xp: Namespace, ddy: Array, x: Array, places: int) -> Array:
    """ddW_p = Σ ddy_p (x_p∘x_p)ᵀ."""
    return local_linear_vjp_weight(xp, ddy, x * x, places)
