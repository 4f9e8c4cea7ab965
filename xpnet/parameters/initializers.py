"""First values of parameters, drawn on the host so that they are equal on every backend."""

from collections.abc import Callable
from typing import TypeAlias

from xpnet._typing import Generator, HostArray, Shape

Initializer: TypeAlias = Callable[[Generator, Shape], HostArray]


def fan_in_normal(fan_in: int) -> Initializer:
    """N(0, 1/fan_in): sums of fan_in unit-variance inputs start with unit variance ("Efficient BackProp", 4.6)."""

    def draw(generator: Generator, shape: Shape) -> HostArray:
        return generator.normal(0.0, max(fan_in, 1) ** -0.5, size=shape)

    return draw


def constant(value: float) -> Initializer:
    """The same value everywhere."""

    def draw(generator: Generator, shape: Shape) -> HostArray:
        import numpy as np  # host-side by definition; imported late so that `import xpnet` loads no array library

        return np.full(shape, value)

    return draw


def given(values: HostArray) -> Initializer:
    """A copy of these values."""

    def draw(generator: Generator, shape: Shape) -> HostArray:
        return values.copy()

    return draw
