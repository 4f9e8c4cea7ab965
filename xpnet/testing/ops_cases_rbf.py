"""Cases for the conformance kit: radial basis functions of half squared distances, which may round below 0."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from xpnet._typing import HostArray, Shape
from xpnet.testing.ops_draw import Draw

Shapes: TypeAlias = Callable[[Draw, Shape], tuple[object, ...]]


def _given(draw: Draw, lead: Shape, centres: int) -> tuple[HostArray, HostArray]:
    return draw(*lead, centres), np.abs(draw.plain(centres)) + 0.1


def _bumps(centres: int) -> Shapes:
    return lambda draw, lead: _given(draw, lead, centres)


def _slopes(centres: int) -> Shapes:
    """With the bumps that belong to the distances."""

    def make(draw: Draw, lead: Shape) -> tuple[object, ...]:
        half, widths = _given(draw, lead, centres)
        with np.errstate(invalid="ignore"):
            return half, np.exp(-2.0 * widths * np.maximum(half, 0.0)), widths

    return make


RBF_SHAPES: dict[str, dict[str, Shapes]] = {
    "bumps": {f"{centres} centres": _bumps(centres) for centres in (1, 4)},
    "bumps_slopes": {f"{centres} centres": _slopes(centres) for centres in (1, 4)},
}
