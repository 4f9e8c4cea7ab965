"""Where a checked module's inputs come from, when standard normal numbers would lie outside its domain.

A draw takes a generator and a shape. If it returns integers, the input is discrete: it is fed as it is and fixed, and
neither a derivative nor a gradient of it exists.
"""

from collections.abc import Callable
from typing import TypeAlias

from xpnet._typing import Generator, HostArray, Shape

Draw: TypeAlias = Callable[[Generator, Shape], HostArray]


def normal(generator: Generator, shape: Shape) -> HostArray:
    """Standard normal numbers: what an input gets that names no draw."""
    return generator.standard_normal(shape)


def positive(generator: Generator, shape: Shape) -> HostArray:
    """Numbers between 0.2 and 2, away from the edge so that differences may be taken."""
    return generator.uniform(0.2, 2.0, shape)


def distribution(generator: Generator, shape: Shape) -> HostArray:
    """Probabilities along the last axis, none of them near 0."""
    weights = positive(generator, shape)
    return weights / weights.sum(axis=-1, keepdims=True)


def integers(count: int) -> Draw:
    """A draw of integers from 0 to count - 1: the labels of a discrete input.

    >>> from xpnet.streams import stream
    >>> integers(1)(stream(0), (3,)).tolist()
    [0, 0, 0]
    """

    def draw(generator: Generator, shape: Shape) -> HostArray:
        return generator.integers(count, size=shape)

    return draw
