"""Answers that are absent from a label set."""

import math
from typing import ClassVar, final

from xpnet._typing import Array
from xpnet.module import Module
from xpnet.state import State


@final
class Mask(Module):
    """Y_k = X_k where answer k is present, else +∞: energies X (..., K) and presence (K,) or (..., K) to (..., K).

    Presence is boolean, or a number that is 0 where the answer is absent. Only present answers take a gradient.

    >>> import numpy as np
    >>> x, present, y = State(np.asarray([1.0, 2.0, 3.0])), State(np.asarray([True, False, True]), fixed=True), State()
    >>> Mask().fprop(x, present, y)
    >>> y.x.tolist()
    [1.0, inf, 3.0]
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1, 1)

    def fprop(self, input: State, present: State, output: State) -> None:
        """Y_k = X_k or +∞."""
        output.x = self.xp.where(self._present(present.x), input.x, self._constant(input.x, math.inf))

    def bprop(self, input: State, present: State, output: State) -> None:
        """dX_k += dY_k where k is present."""
        input.accumulate(self._kept(output.cotangent, present.x))

    def bbprop(self, input: State, present: State, output: State) -> None:
        """ddX_k += ddY_k where k is present."""
        input.accumulate_ddx(self._kept(output.curvature, present.x))

    def _kept(self, dy: Array, present: Array) -> Array:
        return self.xp.where(self._present(present), dy, self._constant(dy, 0.0))

    def _present(self, present: Array) -> Array:
        return present if self.xp.isdtype(present.dtype, "bool") else present != 0

    def _constant(self, x: Array, value: float) -> Array:
        return self.xp.full((), value, dtype=x.dtype, device=self.backend.device)
