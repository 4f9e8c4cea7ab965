"""What modules with a sliding window share."""

from copy import copy
from typing import Self

from xpnet._typing import Array, Shape
from xpnet.errors import ShapeError
from xpnet.module import Module
from xpnet.ops.window import Window, Windows, lengths
from xpnet.state import State


class Windowed(Module):
    """A module whose output at each position depends on one window of its input, X (…, *lengths, features).

    over: the windows, one for each axis they slide along.
    """

    over: Windows

    @property
    def event_ndims(self) -> tuple[int | None, ...]:  # type: ignore[override]
        """The axes of the windows, and the features."""
        return (len(self.over) + 1,)

    def lengths(self, x: Array) -> Shape:
        """The sizes of the axes that the windows slide along; ShapeError if one is shorter than its window."""
        if x.ndim <= len(self.over):
            msg = f"{self!r} expects input.x with {len(self.over) + 1} event axes; got shape {tuple(x.shape)}"
            raise ShapeError(msg)
        sizes = lengths(x, self.over)
        for axis, (window, size) in enumerate(zip(self.over, sizes, strict=True), start=-1 - len(sizes)):
            if window.positions(size) == 0:
                msg = (
                    f"{self!r} expects input.x with at least {window.reach} steps along axis {axis}, one whole window; "
                    f"got {size}, shape {tuple(x.shape)}. Pad the input, or take a smaller window"
                )
                raise ShapeError(msg)
        return sizes

    def at_one_position(self) -> Self:
        """This module (the same parameters) for one window at a time, its steps without gaps: a replica."""
        replica = copy(self)
        replica.over = tuple(Window(window.width) for window in self.over)
        return replica


class CutOut(Windowed):
    """Y_p = the components of X in window p, as one vector, for windows that may overlap."""

    def fprop(self, input: State, output: State) -> None:
        """Y_p = window p."""
        self.lengths(input.x)
        output.x = self.ops.patches(input.x, self.over)

    def bprop(self, input: State, output: State) -> None:
        """dX += Σ over the windows that hold a component of their part of dY."""
        if not input.fixed:
            input.accumulate(self.ops.patches_vjp(output.cotangent, self.over, self.lengths(input.x)))

    def bbprop(self, input: State, output: State) -> None:
        """The same with ddY: the Jacobian holds zeros and ones."""
        if not input.fixed:
            input.accumulate_ddx(self.ops.patches_vjp(output.curvature, self.over, self.lengths(input.x)))


def pair(size: int | tuple[int, ...]) -> tuple[int, ...]:
    """One number for height and width, or the numbers as they are."""
    return (size, size) if isinstance(size, int) else tuple(size)


def windows(width: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...] | None = None) -> Windows:
    """A window for each axis; ShapeError unless all three speak of the same axes."""
    dilation = (1,) * len(width) if dilation is None else dilation
    if not len(width) == len(stride) == len(dilation):
        msg = f"widths {width}, strides {stride} and dilations {dilation} must have one number for each axis"
        raise ShapeError(msg)
    return tuple(Window(*numbers) for numbers in zip(width, stride, dilation, strict=True))
