"""The minimum: what logsum becomes at temperature zero."""

from typing import ClassVar, final

from xpnet.module import Module
from xpnet.state import State


@final
class Min(Module):
    """Y = min_k X_k: energies X (..., K) to the lowest (...); the gradient goes to the first of several lowest.

    Logsum(beta=inf) has the same value, but shares the gradient among ties. A row of +∞ takes no gradient.

    >>> import numpy as np
    >>> x, y = State(np.asarray([[3.0, 1.0, 1.0]])), State()
    >>> Min().fprop(x, y)
    >>> y.accumulate(np.ones(1))
    >>> Min().bprop(x, y)
    >>> y.x.tolist(), x.dx.tolist()
    ([1.0], [[0.0, 1.0, 0.0]])
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1,)

    def fprop(self, input: State, output: State) -> None:
        """Y = min_k X_k."""
        output.x = self.ops.lowest(input.x)

    def bprop(self, input: State, output: State) -> None:
        """dX_k += dY for the first lowest X_k."""
        input.accumulate(self.ops.lowest_vjp(output.cotangent, input.x))

    def bbprop(self, input: State, output: State) -> None:
        """ddX_k += ddY for the first lowest X_k."""
        input.accumulate_ddx(self.ops.lowest_vjp(output.curvature, input.x))
