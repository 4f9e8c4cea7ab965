"""Cases for the conformance kit: primitives composed of others, which a backend may do in one go."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from xpnet._typing import Shape
from xpnet.testing.ops_draw import Draw

Shapes: TypeAlias = Callable[[Draw, Shape], tuple[object, ...]]
LOOPS = ((1, 3), (6, 1), (5, 4))  # time steps and the width of a state


def _affine(inputs: int, outputs: int) -> Shapes:
    return lambda draw, lead: (draw(*lead, inputs), draw.plain(outputs, inputs), draw.plain(outputs))


def _loop(steps: int, width: int) -> Shapes:
    """Weights that keep a state from dying out or saturating."""
    return lambda draw, lead: (
        draw(*lead, steps, width), draw.plain(width, width) / width**0.5, draw.plain(*lead, width)
    )  # fmt: skip


def _loop_vjp(steps: int, width: int) -> Shapes:
    return lambda draw, lead: (
        draw(*lead, steps, width), np.tanh(draw.plain(*lead, steps, width)), draw.plain(width, width) / width**0.5
    )  # fmt: skip


COMPOSITE_SHAPES: dict[str, dict[str, Shapes]] = {
    f"affine_{function}": {"several components": _affine(5, 3), "one component": _affine(1, 1)}
    for function in ("tanh", "scaled_tanh", "sigmoid", "relu")
} | {
    "recurrent_tanh": {f"{steps} steps of {width}": _loop(steps, width) for steps, width in LOOPS},
    "recurrent_tanh_vjp": {f"{steps} steps of {width}": _loop_vjp(steps, width) for steps, width in LOOPS},
}
