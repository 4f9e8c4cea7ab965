"""The switch on a vector of energies."""

from typing import ClassVar, final

from xpnet.module import Module
from xpnet.modules.switch import require_integers
from xpnet.state import State


@final
class Select(Module):
    """E = X_Y: energies X (..., K) and a discrete input Y, integers (...), to the energy of that answer (...).

    It is a Switch whose K inputs are the components of one vector. A Y outside 0 … K-1 gives NaN.

    >>> import numpy as np
    >>> x, y, energy = State(np.asarray([[3.0, 5.0], [1.0, 2.0]])), State(np.asarray([1, 0]), fixed=True), State()
    >>> Select().fprop(x, y, energy)
    >>> energy.x.tolist()
    [5.0, 1.0]
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1, 0)

    def fprop(self, input: State, label: State, output: State) -> None:
        """E = X_Y."""
        require_integers(self, label.x)
        output.x = self.ops.select(input.x, label.x)

    def bprop(self, input: State, label: State, output: State) -> None:
        """dX_k += δ(Y - k) dE."""
        input.accumulate(self.ops.select_vjp(output.cotangent, input.x, label.x))

    def bbprop(self, input: State, label: State, output: State) -> None:
        """ddX_k += δ(Y - k) ddE."""
        input.accumulate_ddx(self.ops.select_vjp(output.curvature, input.x, label.x))
