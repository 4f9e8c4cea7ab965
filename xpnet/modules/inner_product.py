"""The inner product as a cost."""

from typing import ClassVar, final

from xpnet.module import Cost
from xpnet.state import State


@final
class InnerProduct(Cost):
    """E = -X · Y: vectors X and Y (..., d) to energies (...); lead axes broadcast.

    A batch (B, 1, d) against a label set (K, d) gives all energies (B, K) by one matrix product. With the MAP/MLE loss
    it is the softmax over inner products of word and class vectors.

    >>> import numpy as np
    >>> x, y, energy = State(np.asarray([1.0, 2.0])), State(np.asarray([[1.0, 0.0], [3.0, 1.0]])), State()
    >>> InnerProduct().fprop(x, y, energy)
    >>> energy.x.tolist()
    [-1.0, -5.0]
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1, 1)
    metric: ClassVar[str | None] = "inner"

    def fprop(self, input: State, output: State, energy: State) -> None:
        """E = -X · Y."""
        self.require_width(output.x, input.x.shape[-1], "output")
        self.require_same_placement(input.x, output.x, "input.x and output.x")
        energy.x = self.ops.inner(input.x, output.x)

    def bprop(self, input: State, output: State, energy: State) -> None:
        """dX -= dE Y, dY -= dE X."""
        for this, other in ((input, output), (output, input)):
            if not this.fixed:
                this.accumulate(self.ops.inner_vjp(energy.cotangent, this.x, other.x))

    def bbprop(self, input: State, output: State, energy: State) -> None:
        """ddX += ddE Y², ddY += ddE X²: bilinear, so there is no curvature of its own."""
        for this, other in ((input, output), (output, input)):
            if not this.fixed:
                this.accumulate_ddx(self.ops.inner_squared_vjp(energy.curvature, this.x, other.x))
