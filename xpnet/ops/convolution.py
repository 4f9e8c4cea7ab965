"""Convolution along any number of axes, as a sum of shifted matrix products.

Axes: x (…, *lengths, in), weight (out, *widths, in), y (…, *positions, out). Time is one axis, an image has two. As in
all of the field this is a correlation: place j of the weight meets the j-th step of each window, the earliest first.
"""

from xpnet._typing import Array, Namespace, Shape
from xpnet.ops.broadcast import rows
from xpnet.ops.window import Windows, back_part, offsets, part, spread


def convolution(xp: Namespace, x: Array, weight: Array, bias: Array | None, over: Windows) -> Array:
    """y_p = Σ_j W_j x_(stride·p + dilation·j) + b."""
    y = 0.0 if bias is None else bias
    for offset in offsets(over):
        y = xp.matmul(part(x, over, offset), xp.matrix_transpose(_place(weight, offset))) + y
    return y


def convolution_vjp_x(xp: Namespace, dy: Array, weight: Array, over: Windows, sizes: Shape) -> Array:
    """dx_s = Σ_j W_jᵀ dy_p over the positions p that see step s at offset j; `sizes` are the lengths of x."""
    wide = spread(xp, dy, over, sizes)
    dx = 0.0
    for offset in offsets(over):
        dx = xp.matmul(back_part(wide, over, offset, sizes), _place(weight, offset)) + dx
    return dx


def convolution_vjp_weight(xp: Namespace, dy: Array, x: Array, over: Windows) -> Array:
    """dW_j = Σ_p dy_p x_(stride·p + dilation·j)ᵀ: the replicas of the weight sum their gradients."""
    turned = xp.matrix_transpose(rows(xp, dy))
    products = [xp.matmul(turned, rows(xp, part(x, over, offset))) for offset in offsets(over)]
    return xp.reshape(xp.stack(products, axis=1), (dy.shape[-1], *(w.width for w in over), x.shape[-1]))


def convolution_squared_vjp_x(xp: Namespace, ddy: Array, weight: Array, over: Windows, sizes: Shape) -> Array:
    """ddx: the same through W∘W, as each position sees a step at one offset only."""
    return convolution_vjp_x(xp, ddy, weight * weight, over, sizes)


def convolution_squared_vjp_weight(xp: Namespace, ddy: Array, x: Array, over: Windows) -> Array:
    """ddW: the same through x∘x."""
    return convolution_vjp_weight(xp, ddy, x * x, over)


def _place(weight: Array, offset: Shape) -> Array:
    return weight[(slice(None), *offset, slice(None))]
