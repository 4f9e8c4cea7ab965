"""Cases for the conformance kit: convolutions, windows and lookups."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import TypeAlias

from xpnet._typing import HostArray, Shape
from xpnet.ops.window import Window, Windows
from xpnet.testing.ops_draw import Draw

Shapes: TypeAlias = Callable[[Draw, Shape], tuple[object, ...]]
OUTPUTS = 9  # features


@dataclass(frozen=True)
class Slid:
    """Lengths of x, the windows over them, and the features of x."""

    sizes: Shape
    over: Windows
    inputs: int = 2

    @property
    def counts(self) -> Shape:
        """How many windows there are along each axis."""
        return tuple(window.positions(size) for window, size in zip(self.over, self.sizes, strict=True))

    @property
    def widths(self) -> Shape:
        """Of a window, along each axis."""
        return tuple(window.width for window in self.over)


# The large ones are large enough for the form that adds offset by offset.
WINDOWS: dict[str, Slid] = {
    "time": Slid((6,), (Window(3),)),
    "time, one step": Slid((4,), (Window(1),)),
    "time, stride and dilation, a rest": Slid((10,), (Window(3, stride=2, dilation=2),)),
    "time, gaps between windows": Slid((8,), (Window(2, stride=3),)),
    "time, one feature": Slid((12,), (Window(3, stride=2, dilation=2),), 1),
    "images": Slid((4, 5), (Window(2), Window(3))),
    "images in tiles, a rest": Slid((4, 7), (Window(2, 2), Window(2, 2))),
    "images in tiles": Slid((4, 6), (Window(2, 2), Window(3, 3)), 3),
    "images of one feature": Slid((7, 9), (Window(3), Window(2, 2)), 1),
    "large images": Slid((24, 24), (Window(3), Window(4))),
}


def _each(make: Callable[[Draw, Shape, Slid], tuple[object, ...]]) -> dict[str, Shapes]:
    def shapes(case: Slid) -> Shapes:
        return lambda draw, lead: make(draw, lead, case)

    return {name: shapes(case) for name, case in WINDOWS.items()}


def _kernel(draw: Draw, case: Slid) -> HostArray:
    return draw.plain(OUTPUTS, *case.widths, case.inputs)


def _forward(draw: Draw, lead: Shape, case: Slid) -> tuple[object, ...]:
    return draw(*lead, *case.sizes, case.inputs), _kernel(draw, case), draw.plain(OUTPUTS), case.over


def _without_bias(draw: Draw, lead: Shape, case: Slid) -> tuple[object, ...]:
    return draw(*lead, *case.sizes, case.inputs), _kernel(draw, case), None, case.over


def _back(draw: Draw, lead: Shape, case: Slid) -> tuple[object, ...]:
    return draw(*lead, *case.counts, OUTPUTS), _kernel(draw, case), case.over, case.sizes


def _weights(draw: Draw, lead: Shape, case: Slid) -> tuple[object, ...]:
    return draw.plain(*lead, *case.counts, OUTPUTS), draw(*lead, *case.sizes, case.inputs), case.over


def _windows(draw: Draw, lead: Shape, case: Slid) -> tuple[object, ...]:
    return draw(*lead, *case.sizes, case.inputs), case.over


def _patches_back(draw: Draw, lead: Shape, case: Slid) -> tuple[object, ...]:
    return draw(*lead, *case.counts, case.inputs * prod(case.widths)), case.over, case.sizes


def _sums_back(draw: Draw, lead: Shape, case: Slid) -> tuple[object, ...]:
    return draw(*lead, *case.counts, case.inputs), case.over, case.sizes


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
    "patches": _each(_windows),
    "patches_vjp": _each(_patches_back),
    "window_sum": _each(_windows),
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
