"""Energies of sequences of which some labels are known."""

import math
from math import prod
from typing import ClassVar, final

from xpnet._typing import Array
from xpnet.errors import LabelError
from xpnet.module import Module
from xpnet.modules.switch import require_integers
from xpnet.state import State


@final
class Clamp(Module):
    """Y_k = X_k if k is the label, else `forbidden`: of K answers X (..., K) only the desired one is left.

    Labels (...) are integers below K, or LabelError (looked at where the host is the device); a negative label is
    unknown, and leaves all answers. forbidden: what an impossible answer has, +∞ as an energy and 0 as a probability.
    Only what is left takes a gradient.

    >>> import numpy as np
    >>> x, label, y = State(np.asarray([1.0, 2.0, 3.0])), State(np.asarray(1), fixed=True), State()
    >>> Clamp().fprop(x, label, y)
    >>> y.x.tolist()
    [inf, 2.0, inf]
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1, 0)

    def __init__(self, forbidden: float = math.inf) -> None:
        self.forbidden = forbidden

    def fprop(self, input: State, label: State, output: State) -> None:
        """Y_k = X_k or forbidden."""
        require_integers(self, label.x)
        if self.backend.synchronous:
            self._check_range(label.x, input.x.shape[-1])
        output.x = self.xp.where(self._left(input.x, label), input.x, self._constant(input.x, self.forbidden))

    def bprop(self, input: State, label: State, output: State) -> None:
        """dX_k += dY_k where X_k was left."""
        input.accumulate(self._kept(output.cotangent, input.x, label))

    def bbprop(self, input: State, label: State, output: State) -> None:
        """ddX_k += ddY_k where X_k was left."""
        input.accumulate_ddx(self._kept(output.curvature, input.x, label))

    def _left(self, x: Array, label: State) -> Array:
        chosen = self.ops.one_hot(label.x, x.shape[-1])
        return self.xp.logical_or(chosen, label.x[..., None] < 0)

    def _check_range(self, label: Array, count: int) -> None:
        largest = int(self.xp.max(label)) if prod(label.shape) else 0
        if largest >= count:
            msg = f"labels must be between 0 and {count - 1}, or negative where unknown; got {largest}"
            raise LabelError(msg)

    def _kept(self, dy: Array, x: Array, label: State) -> Array:
        return self.xp.where(self._left(x, label), dy, self._constant(x, 0.0))

    def _constant(self, x: Array, value: float) -> Array:
        return self.xp.full((), value, dtype=x.dtype, device=self.backend.device)

    def describe(self) -> str:
        """forbidden."""
        return f"forbidden={self.forbidden}"
