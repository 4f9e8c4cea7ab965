"""One event, seen in another shape."""

from math import prod
from typing import final

from xpnet._typing import Array, Shape
from xpnet.errors import ShapeError
from xpnet.module import Module
from xpnet.state import State


@final
class Reshape(Module):
    """Y = X with its event axes in another shape, lead axes untouched: (…, *before) to (…, *after), row-major.

    >>> import numpy as np
    >>> x, y = State(np.ones((3, 1, 1, 120))), State()
    >>> Reshape((1, 1, 120), (120,)).fprop(x, y)
    >>> y.x.shape
    (3, 120)
    """

    def __init__(self, before: Shape, after: Shape) -> None:
        self.before, self.after = tuple(before), tuple(after)
        if not self.before or prod(self.before) != prod(self.after):
            msg = f"Reshape keeps the number of components; {self.before} and {self.after} do not have the same"
            raise ShapeError(msg)

    @property
    def event_ndims(self) -> tuple[int | None, ...]:  # type: ignore[override]
        """The axes of the shape before."""
        return (len(self.before),)

    def fprop(self, input: State, output: State) -> None:
        """Y = X in the shape after."""
        if tuple(input.x.shape[-len(self.before) :]) != self.before:
            msg = f"{self!r} expects input.x with event shape {self.before}; got shape {tuple(input.x.shape)}"
            raise ShapeError(msg)
        lead = input.x.shape[: input.x.ndim - len(self.before)]
        output.x = self.xp.reshape(input.x, (*lead, *self.after))

    def bprop(self, input: State, output: State) -> None:
        """dX += dY in the shape before."""
        input.accumulate(self._back(output.cotangent, input.x))

    def bbprop(self, input: State, output: State) -> None:
        """ddX += ddY in the shape before."""
        input.accumulate_ddx(self._back(output.curvature, input.x))

    def _back(self, dy: Array, x: Array) -> Array:
        return self.xp.reshape(dy, x.shape)

    def describe(self) -> str:
        """before, after."""
        return f"{self.before}, {self.after}"
