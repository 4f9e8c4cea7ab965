"""Cases for the conformance kit: updates of parameters, at rates that are numbers or arrays."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from xpnet._typing import HostArray, Shape
from xpnet.testing.ops_draw import Draw

Shapes: TypeAlias = Callable[[Draw, Shape], tuple[object, ...]]
RATES: dict[str, float | HostArray] = {"a number": 0.1, "an array": np.asarray(0.1)}


def _sgd(rate: float | HostArray, decay: float, inertia: float) -> Shapes:
    def make(draw: Draw, lead: Shape) -> tuple[object, ...]:
        deltas = draw.plain(*lead, 7) if inertia else None
        return draw.plain(*lead, 7), draw.plain(*lead, 7), deltas, rate, decay, inertia

    return make


def _diag_lm(rate: float | HostArray, decay: float) -> Shapes:
    """Curvatures of both signs: a negative one counts as flat."""
    return lambda draw, lead: (*(draw.plain(*lead, 7) for _ in range(3)), rate, 0.02, decay)


UPDATE_SHAPES: dict[str, dict[str, Shapes]] = {
    "sgd": {
        f"decay={decay}, inertia={inertia}, the rate is {what}": _sgd(rate, decay, inertia)
        for decay in (0.0, 0.01)
        for inertia in (0.0, 0.9)
        for what, rate in RATES.items()
    },
    "diag_lm": {
        f"decay={decay}, the rate is {what}": _diag_lm(rate, decay)
        for decay in (0.0, 0.01)
        for what, rate in RATES.items()
    },
}
