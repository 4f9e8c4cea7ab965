"""Several vectors as one."""

from typing import ClassVar, final

from xpnet.module import Module
from xpnet.state import State


@final
class Concatenate(Module):
    """Y = (X_1 | X_2 | … | X_K) along the last axis; lead axes broadcast, so X may meet every label."""

    event_ndims: ClassVar[tuple[int | None, ...]] = (1,)
    variadic: ClassVar[bool] = True

    def fprop(self, *states: State) -> None:
        """Y = (X_1 | … | X_K)."""
        *inputs, output = states
        for input in inputs[1:]:
            self.require_same_placement(inputs[0].x, input.x, "the inputs")
        output.x = self.ops.concatenate([input.x for input in inputs])

    def bprop(self, *states: State) -> None:
        """dX_k += its slice of dY."""
        *inputs, output = states
        widths = [input.x.shape[-1] for input in inputs]
        for input, dx in zip(inputs, self.ops.concatenate_vjp(output.cotangent, widths), strict=True):
            input.accumulate(dx)

    def bbprop(self, *states: State) -> None:
        """ddX_k += its slice of ddY."""
        *inputs, output = states
        widths = [input.x.shape[-1] for input in inputs]
        for input, ddx in zip(inputs, self.ops.concatenate_vjp(output.curvature, widths), strict=True):
            input.accumulate_ddx(ddx)
