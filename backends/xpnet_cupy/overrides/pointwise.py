"""Functions of each component and their slopes, each in one launch; what CuPy does in one itself is left to it."""

from functools import partial

from xpnet._typing import Array, Overrides
from xpnet.ops import declines
from xpnet_cupy.overrides.kit import Kit

FUNCTIONS = ("scaled_tanh", "sigmoid")  # tanh and relu are one launch of CuPy's
SLOPES = ("tanh_vjp", "scaled_tanh_vjp", "sigmoid_vjp", "relu_vjp")


def pointwise(kit: Kit) -> Overrides:
    """Squashing functions that take CuPy several launches, and all their pullbacks."""
    functions = {name: declines(partial(_function, kit, name)) for name in FUNCTIONS}
    return functions | {name: declines(partial(_slope, kit, name)) for name in SLOPES}


def _function(kit: Kit, kernel: str, x: Array) -> Array:
    if not kit.takes(x):
        return NotImplemented
    x, y = kit.flat(x), kit.new(x.shape, x)
    kit.each(kernel, x.size, x, y, x.size)
    return y


def _slope(kit: Kit, kernel: str, dy: Array, y: Array) -> Array:
    """dx from dy and the output."""
    if dy.shape != y.shape or not kit.takes(dy, y):
        return NotImplemented
    dy, y, dx = kit.flat(dy), kit.flat(y), kit.new(y.shape, y)
    kit.each(kernel, y.size, dy, y, dx, y.size)
    return dx
