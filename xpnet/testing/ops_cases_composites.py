"""Cases for the conformance kit: primitives composed of others, which a backend may do in one go."""

from collections.abc import Callable
from typing import TypeAlias

from xpnet._typing import Shape
from xpnet.testing.ops_draw import Draw

Shapes: TypeAlias = Callable[[Draw, Shape], tuple[object, ...]]


def _affine(inputs: int, outputs: int) -> Shapes:
    return lambda draw, lead: (draw(*lead, inputs), draw.plain(outputs, inputs), draw.plain(outputs))


COMPOSITE_SHAPES: dict[str, dict[str, Shapes]] = {
    f"affine_{function}": {"several components": _affine(5, 3), "one component": _affine(1, 1)}
    for function in ("tanh", "scaled_tanh", "sigmoid", "relu")
}
