"""Cases for the conformance kit: convolutions, windows and lookups."""

from collections.abc import Callable
from typing import TypeAlias

from xpnet._typing import HostArray, Shape
from xpnet.ops.window import Window, Windows
from xpnet.testing.ops_draw import Draw

Shapes: TypeAlias = Callable[[Draw, Shape], tuple[object, ...]]

# Lengths of x and the windows over them; the last is large enough for the form that adds offset by offset.
WINDOWS: dict[str, tuple[Shape, Windows]] = {
    "time": ((6,), (Window(3),)),
    "time, one step": ((4,), (Window(1),)),
    "time, stride and dilation, a rest": ((10,), (Window(3, stride=2, dilation=2),)),
    "time, gaps between windows": ((8,), (Window(2, stride=3),)),
    "images": ((4, 5), (Window(2), Window(3))),
    "images that tile": ((4, 7), (Window(2, 2), Window(2, 2))),
    "large images": ((24, 24), (Window(3), Window(4))),
}
INPUTS, OUTPUTS = 2, 9  # features


def _counts(sizes: Shape, over: Windows) -> Shape:
    return tuple(window.positions(size) for window, size in zip(over, sizes, strict=True))


def _widths(over: Windows) -> Shape:
    return tuple(window.width for window in over)


def _each(make: Callable[[Draw, Shape, Shape, Windows], tuple[object, ...]]) -> dict[str, Shapes]:
    def shapes(sizes: Shape, over: Windows) -> Shapes:
        return lambda draw, lead: make(draw, lead, sizes, over)

    return {name: shapes(sizes, over) for name, (sizes, over) in WINDOWS.items()}


def _kernel(draw: Draw, over: Windows) -> HostArray:
    return draw.plain(OUTPUTS, *_widths(over), INPUTS)


def _forward(draw: Draw, lead: Shape, sizes: Shape, over: Windows) -> tuple[object, ...]:
    return draw(*lead, *sizes, INPUTS), _kernel(draw, over), draw.plain(OUTPUTS), over


def _without_bias(draw: Draw, lead: Shape, sizes: Shape, over: Windows) -> tuple[object, ...]:
    return draw(*lead, *sizes, INPUTS), _kernel(draw, over), None, over


def _back(draw: Draw, lead: Shape, sizes: Shape, over: Windows) -> tuple[object, ...]:
    return draw(*lead, *_counts(sizes, over), OUTPUTS), _kernel(draw, over), over, sizes


def _weights(draw: Draw, lead: Shape, sizes: Shape, over: Windows) -> tuple[object, ...]:
    return draw.plain(*lead, *_counts(sizes, over), OUTPUTS), draw(*lead, *sizes, INPUTS), over


def _patches_back(draw: Draw, lead: Shape, sizes: Shape, over: Windows) -> tuple[object, ...]:
    features = INPUTS
    for width in _widths(over):
        features *= width
    return draw(*lead, *_counts(sizes, over), features), over, sizes


def _sums_back(draw: Draw, lead: Shape, sizes: Shape, over: Windows) -> tuple[object, ...]:
    return draw(*lead, *_counts(sizes, over), INPUTS), over, sizes


def _ids(draw: Draw, lead: Shape, count: int) -> HostArray:
    return draw.generator.integers(count, size=(1, *lead))[0, ...]


WINDOW_SHAPES: dict[str, dict[str, Shapes]] = {
    "convolution": {
        **_each(_forward),
        **{f"{name}, no bias": shapes for name, shapes in _each(_without_bias).items()},
    },
    "convolution_vjp_x": _each(_back),
    "convolution_squared_vjp_x": _each(_back),
    "convolution_vjp_weight": _each(_weights),
    "convolution_squared_vjp_weight": _each(_weights),
    "patches": _each(lambda draw, lead, sizes, over: (draw(*lead, *sizes, INPUTS), over)),
    "patches_vjp": _each(_patches_back),
    "window_sum": _each(lambda draw, lead, sizes, over: (draw(*lead, *sizes, INPUTS), over)),
    "window_sum_vjp": _each(_sums_back),
    "lookup": {
        "symbols": lambda draw, lead: (draw(6, 3), _ids(draw, lead, 6)),
        "one symbol": lambda draw, lead: (draw(1, 1), _ids(draw, lead, 1)),
    },
    "segment_add": {
        "few symbols": lambda draw, lead: (_ids(draw, lead, 4), draw.plain(*lead, 3), 4),
        "symbols that do not occur": lambda draw, lead: (_ids(draw, lead, 2), draw.plain(*lead, 1), 900),
    },
}
