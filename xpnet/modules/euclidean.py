"""The Euclidean cost."""

from typing import ClassVar, final

from xpnet.module import Cost
from xpnet.state import State


@final
class Euclidean(Cost):
    """E = ½ ‖X - Y‖²: vectors X and Y (..., d) to energies (...); lead axes broadcast.

    A batch (B, 1, d) against a label set (K, d) gives all energies (B, K) by one matrix product.

    >>> import numpy as np
    >>> x, y, energy = State(np.asarray([1.0, 2.0])), State(np.asarray([[1.0, 0.0], [0.0, 0.0]])), State()
    >>> Euclidean().fprop(x, y, energy)
    >>> energy.x.tolist()
    [2.0, 2.5]
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1, 1)
    metric: ClassVar[str | None] = "euclidean"

    def fprop(self, input: State, output: State, energy: State) -> None:
        """E = ½ ‖X - Y‖²."""
        self.require_width(output.x, input.x.shape[-1], "output")
        self.require_same_placement(input.x, output.x, "input.x and output.x")
        energy.x = self.ops.euclidean(input.x, output.x)

    def bprop(self, input: State, output: State, energy: State) -> None:
        """dX += dE (X - Y), dY -= dE (X - Y)."""
        for this, other in ((input, output), (output, input)):
            if not this.fixed:
                this.accumulate(self.ops.euclidean_vjp(energy.cotangent, this.x, other.x))

    def bbprop(self, input: State, output: State, energy: State) -> None:
        """ddX += dE + ddE (X - Y)², and the same for Y."""
        for this, other in ((input, output), (output, input)):
            if not this.fixed:
                this.accumulate_ddx(self.ops.euclidean_curvature(energy.cotangent, this.x))
                this.accumulate_ddx(self.ops.euclidean_squared_vjp(energy.curvature, this.x, other.x))
