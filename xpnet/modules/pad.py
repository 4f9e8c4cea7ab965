"""A border, so that windows may stand at the edge."""

from collections.abc import Sequence
from typing import final

from xpnet.errors import ShapeError
from xpnet.module import Module
from xpnet.state import State


@final
class Pad(Module):
    """Y = X within a border of `value`: images (…, H, W, C), or sequences (…, T, F) for a single pair of borders.

    borders: for each axis how many steps are added before and behind, e.g. [(1, 0), (1, 0)] for images.

    >>> import numpy as np
    >>> x, y = State(np.asarray([[1.0], [2.0]])), State()
    >>> Pad([(2, 0)]).fprop(x, y)
    >>> y.x.tolist()
    [[0.0], [0.0], [1.0], [2.0]]
    """

    def __init__(self, borders: Sequence[tuple[int, int]], value: float = 0.0) -> None:
        self.borders = tuple((before, behind) for before, behind in borders)
        self.value = float(value)
        if not self.borders or min(min(counts) for counts in self.borders) < 0:
            msg = f"Pad expects at least one pair of borders, none negative; got {self.borders}"
            raise ShapeError(msg)

    @property
    def event_ndims(self) -> tuple[int | None, ...]:  # type: ignore[override]
        """The axes with a border, and the features."""
        return (len(self.borders) + 1,)

    def fprop(self, input: State, output: State) -> None:
        """Y = X in the middle, `value` around."""
        if input.x.ndim <= len(self.borders):
            msg = f"{self!r} expects input.x with {len(self.borders) + 1} event axes; got {tuple(input.x.shape)}"
            raise ShapeError(msg)
        output.x = self.ops.pad(input.x, self.borders, self.value)

    def bprop(self, input: State, output: State) -> None:
        """dX += the middle of dY."""
        input.accumulate(self.ops.pad_vjp(output.cotangent, self.borders))

    def bbprop(self, input: State, output: State) -> None:
        """ddX += the middle of ddY."""
        input.accumulate_ddx(self.ops.pad_vjp(output.curvature, self.borders))

    def describe(self) -> str:
        """borders, value."""
        return f"{list(self.borders)}" + (f", value={self.value}" if self.value else "")
