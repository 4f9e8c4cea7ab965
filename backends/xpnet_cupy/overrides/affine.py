"""f(x Wᵀ + b): a product, and one launch in place for all that follows it."""

from functools import partial

from xpnet._typing import Array, Overrides
from xpnet.ops import declines
from xpnet_cupy.overrides.kit import Kit

SQUASHED = ("tanh", "scaled_tanh", "sigmoid", "relu")


def affine(kit: Kit) -> Overrides:
    """The affine map, and the composites `affine_<function>`."""
    squashed = {f"affine_{f}": declines(partial(_affine, kit, f"bias_{f}")) for f in SQUASHED}
    plain = {"linear": declines(partial(_affine, kit, "bias_identity"))}
    return plain | squashed | {"linear_vjp_weight": declines(partial(linear_vjp_weight, kit))}


def linear_vjp_weight(kit: Kit, dy: Array, x: Array, *, out: Array | None = None) -> Array:
    """dW = dyᵀ x, by the product itself where the caller keeps it: no copy of the gradient."""
    fits = (dy.shape[-1], x.shape[-1])
    if out is None or not kit.takes(dy, x, out) or out.shape != fits or not out.flags.c_contiguous:
        return NotImplemented
    return kit.xp.matmul(kit.xp.matrix_transpose(kit.rows(dy)), kit.rows(x), out=out)


def _affine(kit: Kit, kernel: str, x: Array, weight: Array, bias: Array | None = None) -> Array:
    if bias is None or not kit.takes(x, weight, bias):
        return NotImplemented
    y = kit.flat(kit.xp.matmul(x, kit.xp.matrix_transpose(weight)))
    kit.each(kernel, y.size, y, kit.flat(bias), y.size, bias.shape[0])
    return y
