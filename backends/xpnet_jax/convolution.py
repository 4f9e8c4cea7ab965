"""Convolutions along one or two axes by XLA's own operation, and its transposes."""

from collections.abc import Callable

import jax
from jax import lax

from xpnet._typing import Array, Overrides, Shape
from xpnet.ops import declines
from xpnet.ops.window import Windows, along_one_or_two

FORMS = {1: ("NWC", "OWI", "NWC"), 2: ("NHWC", "OHWI", "NHWC")}


@declines
def convolution(x: Array, weight: Array, bias: Array | None, over: Windows) -> Array:
    """y_p = Σ_j W_j x_(stride·p + dilation·j) + b."""
    if not along_one_or_two(over, x.shape[-1 - len(over) : -1], x.size * weight.size):
        return NotImplemented
    y = _convolved(over)(_flat(x, over), weight)
    y = y.reshape(*x.shape[: -1 - len(over)], *y.shape[1:])
    return y if bias is None else y + bias


@declines
def convolution_vjp_x(dy: Array, weight: Array, over: Windows, sizes: Shape) -> Array:
    """dx_s = Σ_j W_jᵀ dy_p: the transpose of the map of x."""
    if not along_one_or_two(over, sizes, dy.size * weight.size):
        return NotImplemented
    flat = _flat(dy, over)
    x = jax.ShapeDtypeStruct((flat.shape[0], *sizes, weight.shape[-1]), dy.dtype)
    (dx,) = jax.linear_transpose(lambda x: _convolved(over)(x, weight), x)(flat)
    return dx.reshape(*dy.shape[: -1 - len(over)], *dx.shape[1:])


@declines
def convolution_vjp_weight(dy: Array, x: Array, over: Windows) -> Array:
    """dW_j = Σ_p dy_p x_(stride·p + dilation·j)ᵀ: the transpose of the map of W."""
    if not along_one_or_two(over, x.shape[-1 - len(over) : -1], dy.size * x.size):
        return NotImplemented
    weight = jax.ShapeDtypeStruct((dy.shape[-1], *(w.width for w in over), x.shape[-1]), x.dtype)
    flat = _flat(x, over)
    (dweight,) = jax.linear_transpose(lambda weight: _convolved(over)(flat, weight), weight)(_flat(dy, over))
    result: Array = dweight
    return result


def _convolved(over: Windows) -> Callable[[Array, Array], Array]:
    def convolved(x: Array, weight: Array) -> Array:
        return lax.conv_general_dilated(
            x,
            weight,
            window_strides=[w.stride for w in over],
            padding="VALID",
            rhs_dilation=[w.dilation for w in over],
            dimension_numbers=FORMS[len(over)],
            precision="highest",
        )

    return convolved


def _flat(x: Array, over: Windows) -> Array:
    return x.reshape(-1, *x.shape[-1 - len(over) :])


OVERRIDES: Overrides = {op.__name__: op for op in (convolution, convolution_vjp_x, convolution_vjp_weight)}
