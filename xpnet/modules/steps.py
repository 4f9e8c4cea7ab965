"""Pieces of sequences: some steps of one, and several one after the other."""

from typing import ClassVar, final

from xpnet._typing import Array
from xpnet.errors import ShapeError
from xpnet.module import Module
from xpnet.state import State


@final
class Steps(Module):
    """Y = X_start … X_(start+count-1): `count` steps of a sequence X (…, T, F), or with axis=-1 of symbols X (…, T).

    >>> import numpy as np
    >>> x, y = State(np.asarray([[1.0], [2.0], [3.0]])), State()
    >>> Steps(1, 2).fprop(x, y)
    >>> y.x.tolist()
    [[2.0], [3.0]]
    """

    def __init__(self, start: int, count: int = 1, axis: int = -2) -> None:
        if start < 0 or count < 1 or axis not in (-1, -2):
            msg = f"Steps expects start >= 0, count >= 1 and axis -2 or -1; got {start}, {count} and {axis}"
            raise ShapeError(msg)
        self.start, self.count, self.axis = start, count, axis

    @property
    def event_ndims(self) -> tuple[int | None, ...]:  # type: ignore[override]
        """Time, and features where there are any."""
        return (-self.axis,)

    def fprop(self, input: State, output: State) -> None:
        """Y = the steps."""
        if input.x.ndim < -self.axis or input.x.shape[self.axis] < self.start + self.count:
            msg = f"{self!r} expects input.x with {self.start + self.count} steps; got shape {tuple(input.x.shape)}"
            raise ShapeError(msg)
        output.x = self.ops.steps(input.x, self.start, self.count, self.axis)

    def bprop(self, input: State, output: State) -> None:
        """dX += dY at these steps."""
        if not input.fixed:
            input.accumulate(self._back(output.cotangent, input.x))

    def bbprop(self, input: State, output: State) -> None:
        """ddX += ddY at these steps."""
        if not input.fixed:
            input.accumulate_ddx(self._back(output.curvature, input.x))

    def _back(self, dy: Array, x: Array) -> Array:
        return self.ops.steps_vjp(dy, self.start, x.shape[self.axis], self.axis)

    def describe(self) -> str:
        """start, count, axis."""
        return f"{self.start}, {self.count}" + ("" if self.axis == -2 else f", axis={self.axis}")


@final
class Join(Module):
    """Y = X_1, then X_2, …, then X_K along time: sequences (…, T_k, F) to (…, Σ T_k, F); lead axes broadcast."""

    event_ndims: ClassVar[tuple[int | None, ...]] = (2,)
    variadic: ClassVar[bool] = True

    def fprop(self, *states: State) -> None:
        """Y = one sequence after the other."""
        *inputs, output = states
        for input in inputs[1:]:
            self.require_same_placement(inputs[0].x, input.x, "the inputs")
            self.require_width(input.x, inputs[0].x.shape[-1], "each input")
        output.x = self.ops.join([input.x for input in inputs])

    def bprop(self, *states: State) -> None:
        """dX_k += its steps of dY."""
        *inputs, output = states
        lengths = [input.x.shape[-2] for input in inputs]
        for input, dx in zip(inputs, self.ops.join_vjp(output.cotangent, lengths), strict=True):
            input.accumulate(dx)

    def bbprop(self, *states: State) -> None:
        """ddX_k += its steps of ddY."""
        *inputs, output = states
        lengths = [input.x.shape[-2] for input in inputs]
        for input, ddx in zip(inputs, self.ops.join_vjp(output.curvature, lengths), strict=True):
            input.accumulate_ddx(ddx)
