"""A wire of a machine: a value, and the derivatives of the energy with respect to it."""

from typing import Final

from xpnet._typing import Array
from xpnet.errors import ShapeError
from xpnet.ops.broadcast import sum_to


class State:
    """x, a value; dx, the gradient of the energy with respect to x; ddx, the diagonal second derivative.

    Writing x clears dx and ddx: a new value has no gradient yet. Gradients only ever accumulate, so fan-out,
    weight sharing and path summation need no rule of their own. A state never writes into an array, it rebinds.

    fixed: True for wires that only feed values in, such as samples and label sets; they take no gradient, and
    modules leave out the work of computing one.

    >>> import numpy as np
    >>> wire = State(np.asarray([1.0, 2.0]))
    >>> wire.accumulate(np.asarray([[1.0, 1.0], [2.0, 2.0]]))  # two replicas of the wire
    >>> wire.dx
    array([3., 3.])
    """

    __slots__ = ("_x", "ddx", "dx", "fixed", "inner")

    def __init__(self, x: Array | None = None, *, fixed: bool = False) -> None:
        self._x: Array = x
        self.dx: Array | None = None
        self.ddx: Array | None = None
        self.fixed: Final = fixed
        # The wires inside the machine that wrote x. They stay with its output and not with the machine, so that
        # one machine may stand in many places.
        self.inner: object = None

    @property
    def x(self) -> Array:
        """The value; None before anything was written."""
        return self._x

    @x.setter
    def x(self, value: Array) -> None:
        self._x = value
        self.dx = self.ddx = self.inner = None

    @property
    def room(self) -> Array | None:
        """Where a first gradient may be written right away: nowhere, unless a store gave this state a place.

        Any state may therefore stand where a module has a parameter.
        """
        return None

    @property
    def cotangent(self) -> Array:
        """dx, which a bprop needs; ShapeError if nobody has accumulated any."""
        if self.dx is None:
            msg = "bprop needs a gradient in its output: call output.accumulate(dE/dx) after fprop and before bprop"
            raise ShapeError(msg)
        return self.dx

    @property
    def curvature(self) -> Array:
        """ddx, which a bbprop needs; ShapeError if nobody has accumulated any."""
        if self.ddx is None:
            msg = "bbprop needs second derivatives in its output: call output.accumulate_ddx(...) after bprop"
            raise ShapeError(msg)
        return self.ddx

    def accumulate(self, dx: Array) -> None:
        """dx += the given gradient, summed over the axes along which x was broadcast."""
        if self.fixed:
            return
        try:
            dx = dx if dx.shape == self._x.shape else sum_to(dx, self._x.shape)
        except AttributeError:
            self._explain(dx)
            raise
        self.dx = dx if self.dx is None else self.dx + dx

    def accumulate_ddx(self, ddx: Array) -> None:
        """ddx += the given second derivatives, summed like a gradient."""
        if self.fixed:
            return
        try:
            ddx = ddx if ddx.shape == self._x.shape else sum_to(ddx, self._x.shape)
        except AttributeError:
            self._explain(ddx)
            raise
        self.ddx = ddx if self.ddx is None else self.ddx + ddx

    def clear(self) -> None:
        """Forget dx and ddx; the value stays."""
        self.dx = self.ddx = None

    def _explain(self, gradient: object) -> None:
        """ShapeError for what only looks like an AttributeError: an empty state, or a gradient that is no array."""
        if self._x is None:
            msg = "this state has no value yet, so no gradient fits it; write x first, by State(x) or a module's fprop"
            raise ShapeError(msg)
        if not hasattr(gradient, "shape"):
            kind = type(gradient).__name__
            msg = f"a gradient is an array of the state's shape {tuple(self._x.shape)}; got a {kind}"
            raise ShapeError(msg)

    def __repr__(self) -> str:
        held = [name for name in ("dx", "ddx") if getattr(self, name) is not None]
        what = "empty" if self._x is None else f"shape {tuple(self._x.shape)}, {self._x.dtype}"
        return f"{type(self).__name__}({', '.join([what, *held])})"
