"""Products, differences and sums of wires."""

from typing import ClassVar, final

from xpnet.module import Module
from xpnet.state import State


@final
class Times(Module):
    """Y = X Z, number by number; shapes broadcast."""

    event_ndims: ClassVar[tuple[int | None, ...]] = (None, None)

    def fprop(self, a: State, b: State, output: State) -> None:
        """Y = X Z."""
        self.require_same_placement(a.x, b.x, "the inputs")
        output.x = a.x * b.x

    def bprop(self, a: State, b: State, output: State) -> None:
        """dX += dY Z, dZ += dY X."""
        for this, other in ((a, b), (b, a)):
            if not this.fixed:
                this.accumulate(output.cotangent * other.x)

    def bbprop(self, a: State, b: State, output: State) -> None:
        """ddX += ddY Z², ddZ += ddY X²."""
        for this, other in ((a, b), (b, a)):
            if not this.fixed:
                this.accumulate_ddx(output.curvature * other.x**2)


@final
class Minus(Module):
    """Y = X - Z; shapes broadcast."""

    event_ndims: ClassVar[tuple[int | None, ...]] = (None, None)

    def fprop(self, a: State, b: State, output: State) -> None:
        """Y = X - Z."""
        self.require_same_placement(a.x, b.x, "the inputs")
        output.x = a.x - b.x

    def bprop(self, a: State, b: State, output: State) -> None:
        """dX += dY, dZ -= dY."""
        a.accumulate(output.cotangent)
        b.accumulate(-output.cotangent)

    def bbprop(self, a: State, b: State, output: State) -> None:
        """ddX += ddY, ddZ += ddY."""
        a.accumulate_ddx(output.curvature)
        b.accumulate_ddx(output.curvature)


@final
class Sum(Module):
    """Y = Σ_k X_k over the last axis, (..., K) to (...): the plus module of probabilities."""

    event_ndims: ClassVar[tuple[int | None, ...]] = (1,)

    def fprop(self, input: State, output: State) -> None:
        """Y = Σ_k X_k."""
        output.x = self.xp.sum(input.x, axis=-1)

    def bprop(self, input: State, output: State) -> None:
        """dX_k += dY."""
        input.accumulate(self.xp.broadcast_to(output.cotangent[..., None], input.x.shape))

    def bbprop(self, input: State, output: State) -> None:
        """ddX_k += ddY."""
        input.accumulate_ddx(self.xp.broadcast_to(output.curvature[..., None], input.x.shape))
