"""Between a sequence as one array and a sequence as one wire for each step."""

from typing import ClassVar, final

from xpnet._typing import Array
from xpnet.errors import ShapeError
from xpnet.module import Module
from xpnet.ops.broadcast import broadcast_lead
from xpnet.state import State


class OverSteps(Module):
    """What knows where time is: before the last ndim axes of a sequence, or after its first `lead` axes if given."""

    def __init__(self, ndim: int = 1, lead: int | None = None) -> None:
        self.ndim, self.lead = ndim, lead

    def event_axes(self, step: Array) -> int:
        """The number of event axes of one step."""
        return self.ndim if self.lead is None else step.ndim - self.lead

    def at(self, x: Array, t: int) -> Array:
        """X[…, t, …]."""
        event = self.ndim if self.lead is None else x.ndim - self.lead - 1
        return x[(..., t, *(slice(None),) * event)]

    def describe(self) -> str:
        """ndim or lead."""
        return f"ndim={self.ndim}" if self.lead is None else f"lead={self.lead}"


@final
class Unstack(OverSteps):
    """X_t = X[…, t, …] for t = 0 … T-1: a sequence as one wire for each of its n_outputs steps.

    ndim: the event axes of one step, so that time is the axis before them; or lead, the axes before time.

    >>> import numpy as np
    >>> x, steps = State(np.asarray([[1.0, 2.0], [3.0, 4.0]])), [State(), State()]
    >>> Unstack(2).fprop(x, *steps)
    >>> steps[1].x.tolist()
    [3.0, 4.0]
    """

    def __init__(self, n_outputs: int, ndim: int = 1, lead: int | None = None) -> None:
        super().__init__(ndim, lead)
        self.n_outputs = n_outputs

    @property
    def event_ndims(self) -> tuple[int | None, ...]:  # type: ignore[override]
        """A step's axes and time."""
        return (None if self.lead is not None else self.ndim + 1,)

    def fprop(self, input: State, *outputs: State) -> None:
        """X_t = X[…, t, …]."""
        axis = -1 - self.ndim if self.lead is None else self.lead
        if not -input.x.ndim <= axis < input.x.ndim or input.x.shape[axis] != len(outputs):
            msg = f"Unstack expects {len(outputs)} steps on axis {axis}; got shape {tuple(input.x.shape)}"
            raise ShapeError(msg)
        for t, output in enumerate(outputs):
            output.x = self.at(input.x, t)

    def bprop(self, input: State, *outputs: State) -> None:
        """dX[…, t, …] += dX_t, zeros for steps that nobody used."""
        if not input.fixed:
            input.accumulate(self._together([output.dx for output in outputs], outputs))

    def bbprop(self, input: State, *outputs: State) -> None:
        """ddX[…, t, …] += ddX_t: the Jacobian only moves numbers."""
        if not input.fixed:
            input.accumulate_ddx(self._together([output.ddx for output in outputs], outputs))

    def _together(self, parts: list[Array | None], outputs: tuple[State, ...]) -> Array:
        whole = [
            self.xp.zeros_like(output.x) if part is None else part for part, output in zip(parts, outputs, strict=True)
        ]
        return self.xp.stack(whole, axis=-1 - self.event_axes(whole[0]))

    def describe(self) -> str:
        """n_outputs, ndim or lead."""
        return f"{self.n_outputs}, {super().describe()}"


@final
class Stack(OverSteps):
    """Y[…, t, …] = X_t: T wires as one sequence, time before the last ndim axes; shapes broadcast.

    >>> import numpy as np
    >>> steps, y = [State(np.asarray([1.0, 2.0])), State(np.asarray([3.0, 4.0]))], State()
    >>> Stack().fprop(*steps, y)
    >>> y.x.tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """

    variadic: ClassVar[bool] = True

    @property
    def event_ndims(self) -> tuple[int | None, ...]:  # type: ignore[override]
        """A step's axes."""
        return (None if self.lead is not None else self.ndim,)

    def fprop(self, *states: State) -> None:
        """Y[…, t, …] = X_t."""
        *inputs, output = states
        for input in inputs[1:]:
            self.require_same_placement(inputs[0].x, input.x, "the inputs")
        shape = broadcast_lead([tuple(input.x.shape) for input in inputs])
        same = [i.x if i.x.shape == shape else self.xp.broadcast_to(i.x, shape) for i in inputs]
        output.x = self.xp.stack(same, axis=-1 - self.event_axes(same[0]))

    def bprop(self, *states: State) -> None:
        """dX_t += dY[…, t, …]."""
        *inputs, output = states
        for t, input in enumerate(inputs):
            input.accumulate(self.at(output.cotangent, t))

    def bbprop(self, *states: State) -> None:
        """ddX_t += ddY[…, t, …]: the Jacobian only moves numbers."""
        *inputs, output = states
        for t, input in enumerate(inputs):
            input.accumulate_ddx(self.at(output.curvature, t))
