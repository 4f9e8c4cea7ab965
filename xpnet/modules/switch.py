"""The switch module of the lecture: a discrete input decides which of the others is copied to the output."""

from typing import ClassVar, final

from xpnet._typing import Array
from xpnet.checks import whole
from xpnet.errors import LabelError, ShapeError
from xpnet.module import Module
from xpnet.state import State


@final
class Switch(Module):
    """X_out = Σ_k δ(Y - k) X_k: K inputs X_k (*lead, *event), then a discrete input Y, integers of shape (*lead).

    The gradient goes to the input that is switched in; the others get zeros. A Y that points to no input gives NaN.
    event_ndim: the axes of one X_k; by default those that the inputs have beyond Y's, which is right unless lead axes
    are to broadcast.

    Ports: `fprop(X_0, …, X_{K-1}, Y, output)`. In inference nobody knows Y: `infer`, with the same ports, switches in
    the smallest energy and writes Y.

    >>> import numpy as np
    >>> a, b, out = State(np.zeros((3, 2))), State(np.ones((3, 2))), State()
    >>> Switch().fprop(a, b, State(np.asarray([0, 1, 1]), fixed=True), out)
    >>> out.x[:, 0].tolist()
    [0.0, 1.0, 1.0]
    """

    variadic: ClassVar[bool] = True

    def __init__(self, event_ndim: int | None = None) -> None:
        self.event_ndim = None if event_ndim is None else whole(event_ndim, "event_ndim", least=0)

    def fprop(self, *states: State) -> None:
        """X_out = X_Y."""
        *inputs, label, output = self._checked(states)
        require_integers(self, label.x)
        output.x = self.ops.switch([input.x for input in inputs], label.x, self._event_ndim(inputs, label.x))

    def bprop(self, *states: State) -> None:
        """dX_Y += dX_out."""
        *inputs, label, output = states
        pulled = self.ops.switch_vjp(output.cotangent, label.x, len(inputs), self._event_ndim(inputs, label.x))
        for input, dx in zip(inputs, pulled, strict=True):
            input.accumulate(dx)

    def bbprop(self, *states: State) -> None:
        """ddX_Y += ddX_out: ones and zeros are their own squares."""
        *inputs, label, output = states
        pulled = self.ops.switch_vjp(output.curvature, label.x, len(inputs), self._event_ndim(inputs, label.x))
        for input, ddx in zip(inputs, pulled, strict=True):
            input.accumulate_ddx(ddx)

    def infer(self, *states: State, energies: State | None = None) -> None:
        """Write Y, the number of the smallest energy, and the output that it switches in.

        energies: (*lead, K), one energy for each input; None where the inputs are themselves energies (*lead).
        """
        *inputs, label, _ = self._checked(states)
        xp = self.xp
        stacked = xp.stack(xp.broadcast_arrays(*(i.x for i in inputs)), axis=-1) if energies is None else energies.x
        if stacked.shape[-1] != len(inputs):
            msg = f"Switch chooses among {len(inputs)} inputs; got energies of shape {tuple(stacked.shape)}"
            raise ShapeError(msg)
        label.x = xp.argmin(stacked, axis=-1)
        self.fprop(*states)

    def _checked(self, states: tuple[State, ...]) -> tuple[State, ...]:
        if len(states) < 3:
            msg = f"Switch expects at least one input, the discrete input Y, and an output; got {len(states)} states"
            raise ShapeError(msg)
        return states

    def _event_ndim(self, inputs: list[State], label: Array) -> int:
        if self.event_ndim is not None:
            return self.event_ndim
        return max(int(input.x.ndim) for input in inputs) - int(label.ndim)

    def describe(self) -> str:
        """event_ndim."""
        return "" if self.event_ndim is None else f"event_ndim={self.event_ndim}"


def require_integers(module: Module, label: Array) -> None:
    """Raise LabelError unless a discrete input holds integers."""
    if not module.xp.isdtype(label.dtype, "integral"):
        msg = f"{type(module).__name__} expects integers as labels; got {label.dtype}. Bring them in by backend.indices"
        raise LabelError(msg)
