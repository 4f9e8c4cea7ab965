"""Updates of the parameter vector: one launch that reads and writes each number once."""

from functools import partial

from xpnet._typing import Array, Overrides
from xpnet.ops import declines
from xpnet_cupy.overrides.kit import Kit


def updates(kit: Kit) -> Overrides:
    """Gradient descent, and stochastic diagonal Levenberg-Marquardt; both in place."""
    return {function.__name__: declines(partial(function, kit)) for function in (sgd, diag_lm)}


def sgd(
    kit: Kit, x: Array, dx: Array, deltas: Array | None, learning_rate: Array | float, weight_decay: float,
    inertia: float,
) -> tuple[Array, Array | None]:  # fmt: skip
    """(x, δ), both overwritten."""
    held = x if deltas is None else deltas
    if not _in_place(kit, x, dx, held) or not _is_rate(learning_rate, x):
        return NotImplemented
    traced, rates, rate = _rate(learning_rate, x)
    numbers = rate, weight_decay, inertia, 1.0 - inertia, traced, deltas is not None
    kit.each("sgd", x.size, x, dx, held, rates, *numbers, x.size)
    return x, deltas


def diag_lm(
    kit: Kit, x: Array, dx: Array, curvature: Array, learning_rate: Array | float, mu: float, weight_decay: float
) -> Array:
    """x, overwritten."""
    if not _in_place(kit, x, dx, curvature) or not _is_rate(learning_rate, x):
        return NotImplemented
    traced, rates, rate = _rate(learning_rate, x)
    kit.each("diag_lm", x.size, x, dx, curvature, rates, rate, mu, weight_decay, traced, x.size)
    return x


def _in_place(kit: Kit, *arrays: Array) -> bool:
    x = arrays[0]
    return kit.takes(*arrays) and all(y.shape == x.shape and y.flags.c_contiguous for y in arrays)


def _is_rate(learning_rate: Array | float, x: Array) -> bool:
    return isinstance(learning_rate, float) or (learning_rate.shape == () and learning_rate.dtype == x.dtype)


def _rate(learning_rate: Array | float, x: Array) -> tuple[int, Array, float]:
    """Whether η is an array, that array (or any), and η itself if it is a number."""
    if isinstance(learning_rate, float):
        return 0, x, learning_rate
    return 1, learning_rate, 0.0
