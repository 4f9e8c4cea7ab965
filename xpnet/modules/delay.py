"""z⁻¹: what a wire carried one step ago."""

from numbers import Integral
from typing import ClassVar, Literal, TypeAlias, final

from xpnet._typing import Array, Shape
from xpnet.checks import shape_of
from xpnet.errors import GraphError, ShapeError
from xpnet.module import Module
from xpnet.ops.broadcast import broadcast_lead
from xpnet.parameters.parameter import Parameter
from xpnet.state import State

Initial: TypeAlias = Literal["zeros", "trainable", "given"]
INITIALS = ("zeros", "trainable", "given")


@final
class Delay(Module):
    """Y_{t+1} = X_t with Y_0 = Z_0: a sequence X (…, T, *shape) shifted by one step.

    shape: of one step, an integer for a vector. initial: Z_0 is zeros, a trainable parameter that starts with zeros,
    or given as the second input (…, *shape).

    In a Graph, a Delay may close a loop: the graph then is a recurrent machine over sequences (see Unfolded).

    >>> import numpy as np
    >>> x, y = State(np.asarray([[1.0], [2.0], [3.0]], dtype="float32")), State()
    >>> Delay(1).fprop(x, y)
    >>> y.x.tolist()
    [[0.0], [1.0], [2.0]]
    """

    def __init__(self, shape: int | Shape = (), initial: Initial = "zeros") -> None:
        if initial not in INITIALS:
            msg = f"the initial state of a Delay is one of {', '.join(INITIALS)}; got {initial!r}"
            raise GraphError(msg)
        given: object = shape
        self.shape: Shape = shape_of((given,) if isinstance(given, Integral) else given, "what a Delay keeps")
        self.initial = Parameter(self.shape) if initial == "trainable" else None
        self.given = initial == "given"

    @property
    def event_ndims(self) -> tuple[int | None, ...]:  # type: ignore[override]
        """A step's axes and time; a given initial state has no time."""
        ndim = len(self.shape)
        return (ndim + 1, ndim) if self.given else (ndim + 1,)

    def fprop(self, input: State, *states: State) -> None:
        """Y = (Z_0, X_0, …, X_{T-2})."""
        x, first, ndim = input.x, states[0].x if self.given else self.start(), len(self.shape)
        if x.shape[x.ndim - ndim :] != self.shape or x.ndim <= ndim or x.shape[-1 - ndim] == 0:
            msg = f"Delay expects input.x of shape (..., T, {self.shape}) with T > 0; got {tuple(x.shape)}"
            raise ShapeError(msg)
        self.require_same_placement(first, x, "the initial state and input.x")
        lead = broadcast_lead([tuple(x.shape[: x.ndim - ndim - 1]), tuple(first.shape[: first.ndim - ndim])])
        first = self.xp.broadcast_to(self._with_time(first), (*lead, 1, *self.shape))
        earlier = self._steps(x, slice(0, -1))
        earlier = self.xp.broadcast_to(earlier, (*lead, *earlier.shape[earlier.ndim - ndim - 1 :]))
        states[-1].x = self.xp.concat([first, earlier], axis=-1 - ndim)

    def bprop(self, input: State, *states: State) -> None:
        """dX_t += dY_{t+1}, dZ_0 += dY_0."""
        later, first = self._pulled(states[-1].cotangent)
        input.accumulate(later)
        if (start := states[0] if self.given else self.initial) is not None:
            start.accumulate(first)

    def bbprop(self, input: State, *states: State) -> None:
        """The same for ddX: the Jacobian only moves numbers."""
        later, first = self._pulled(states[-1].curvature)
        input.accumulate_ddx(later)
        if (start := states[0] if self.given else self.initial) is not None:
            start.accumulate_ddx(first)

    def start(self) -> Array:
        """Z_0, unless it is given."""
        return self.backend.zeros(self.shape) if self.initial is None else self.initial.x

    def _pulled(self, y: Array) -> tuple[Array, Array]:
        last = self.xp.zeros_like(self._steps(y, slice(0, 1)))
        later = self.xp.concat([self._steps(y, slice(1, None)), last], axis=-1 - len(self.shape))
        return later, self._steps(y, 0)

    def _steps(self, x: Array, which: int | slice) -> Array:
        return x[(..., which, *(slice(None),) * len(self.shape))]

    def _with_time(self, z: Array) -> Array:
        return z[(..., None, *(slice(None),) * len(self.shape))]

    def describe(self) -> str:
        """shape, initial."""
        kind = "given" if self.given else "zeros" if self.initial is None else "trainable"
        return f"{self.shape}, initial={kind!r}"


@final
class Start(Module):
    """Z_0: the initial state of a Delay as a wire of its own, with no input; what unfolding puts before step 0."""

    event_ndims: ClassVar[tuple[int | None, ...]] = ()

    def __init__(self, delay: Delay) -> None:
        self.delay = delay

    def fprop(self, output: State) -> None:
        """Y = Z_0."""
        output.x = self.delay.start()

    def bprop(self, output: State) -> None:
        """dZ_0 += dY."""
        if self.delay.initial is not None:
            self.delay.initial.accumulate(output.cotangent)

    def bbprop(self, output: State) -> None:
        """ddZ_0 += ddY."""
        if self.delay.initial is not None:
            self.delay.initial.accumulate_ddx(output.curvature)
