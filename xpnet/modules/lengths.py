"""Sequences of different lengths in one array: what runs on, what is held, and padding that is never looked at."""

from typing import ClassVar, final

from xpnet._typing import Array
from xpnet.module import Module
from xpnet.modules.stack import OverSteps
from xpnet.state import State


@final
class Hold(OverSteps):
    """Y = X while running, else what was held before, Z: the state of a sequence that has ended is carried on.

    running (…) is 1 or 0; X and Z have ndim event axes. X gets no gradient where it was not taken, nor Z where it was.
    """

    @property
    def event_ndims(self) -> tuple[int | None, ...]:  # type: ignore[override]
        """Running is a scalar."""
        ndim = None if self.lead is not None else self.ndim
        return (0, ndim, ndim)

    def fprop(self, running: State, input: State, held: State, output: State) -> None:
        """Y = X or Z."""
        self.require_same_placement(input.x, held.x, "what is new and what was held")
        output.x = self.xp.where(self._mask(running, input.x), input.x, held.x)

    def bprop(self, running: State, input: State, held: State, output: State) -> None:
        """dX += dY where running, dZ += dY elsewhere."""
        dy, mask = output.cotangent, self._mask(running, output.x)
        zero = self.xp.zeros_like(dy)
        input.accumulate(self.xp.where(mask, dy, zero))
        held.accumulate(self.xp.where(mask, zero, dy))

    def bbprop(self, running: State, input: State, held: State, output: State) -> None:
        """The same: the Jacobian is 0 or 1."""
        ddy, mask = output.curvature, self._mask(running, output.x)
        zero = self.xp.zeros_like(ddy)
        input.accumulate_ddx(self.xp.where(mask, ddy, zero))
        held.accumulate_ddx(self.xp.where(mask, zero, ddy))

    def _mask(self, running: State, step: Array) -> Array:
        return running.x[(..., *(None,) * self.event_axes(step))] > 0


@final
class Running(Module):
    """R_t = [t < n] for t = 0 … T-1: which of the sequences of lengths n (…) still run at each of n_outputs steps."""

    event_ndims: ClassVar[tuple[int | None, ...]] = (0,)

    def __init__(self, n_outputs: int) -> None:
        self.n_outputs = n_outputs

    def fprop(self, lengths: State, *outputs: State) -> None:
        """R_t = [t < n] as 0.0 or 1.0."""
        for t, output in enumerate(outputs):
            output.x = self.xp.astype(lengths.x > t, self.backend.dtype)

    def bprop(self, lengths: State, *outputs: State) -> None:
        """Lengths take no gradient."""

    def bbprop(self, lengths: State, *outputs: State) -> None:
        """Lengths take no second derivative."""

    def describe(self) -> str:
        """n_outputs."""
        return str(self.n_outputs)


@final
class Blank(Module):
    """Y_t = X_t for t < n, else 0: whatever stands in the padding of a sequence, NaN too, is never looked at.

    X is (…, T, event of ndim axes), n (…) integers. The padding gets no gradient.
    """

    def __init__(self, ndim: int = 1) -> None:
        self.ndim = ndim

    @property
    def event_ndims(self) -> tuple[int | None, ...]:  # type: ignore[override]
        """A step's axes and time; the lengths are scalars."""
        return (self.ndim + 1, 0)

    def fprop(self, input: State, lengths: State, output: State) -> None:
        """Y_t = X_t or 0."""
        output.x = self._masked(input.x, input.x, lengths)

    def bprop(self, input: State, lengths: State, output: State) -> None:
        """dX_t += dY_t for t < n."""
        input.accumulate(self._masked(output.cotangent, input.x, lengths))

    def bbprop(self, input: State, lengths: State, output: State) -> None:
        """ddX_t += ddY_t for t < n."""
        input.accumulate_ddx(self._masked(output.curvature, input.x, lengths))

    def _masked(self, y: Array, x: Array, lengths: State) -> Array:
        xp, steps = self.xp, x.shape[-1 - self.ndim]
        times = xp.arange(steps, dtype=lengths.x.dtype, device=self.backend.device)
        mask = (lengths.x[..., None] > times)[(..., *(None,) * self.ndim)]
        return xp.where(mask, y, xp.zeros_like(y))

    def describe(self) -> str:
        """ndim."""
        return f"ndim={self.ndim}"
