"""The logsum module of the lecture: the free energy of a set of answers."""

import math
from typing import ClassVar, final

from xpnet.errors import ShapeError
from xpnet.module import Module
from xpnet.state import State


@final
class Logsum(Module):
    """Y = -1/β log Σ_k exp(-β X_k): energies X (..., K) to one free energy (...), a soft minimum.

    β → ∞ tends to the minimum. A row of +∞ (no possible answer) gives +∞ and no gradient.

    >>> import numpy as np
    >>> x, y = State(np.asarray([1.0, 2.0, 3.0])), State()
    >>> Logsum().fprop(x, y)
    >>> round(float(y.x), 9)
    0.592394036
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1,)

    def __init__(self, beta: float = 1.0) -> None:
        self.beta = checked_beta(beta)

    def fprop(self, input: State, output: State) -> None:
        """Y = -1/β log Σ_k exp(-β X_k)."""
        output.x = self.ops.logsum(input.x, self.beta)

    def bprop(self, input: State, output: State) -> None:
        """dX_k += P_k dY with P = softmax(-β X)."""
        input.accumulate(self.ops.logsum_vjp(output.cotangent, input.x, self.beta))

    def bbprop(self, input: State, output: State) -> None:
        """ddX_k += P_k² ddY."""
        input.accumulate_ddx(self.ops.logsum_squared_vjp(output.curvature, input.x, self.beta))

    def describe(self) -> str:
        """beta."""
        return f"beta={self.beta}"


def checked_beta(beta: float, *, zero_allowed: bool = False) -> float:
    """β as a finite Python float; zero only where its limit needs no division."""
    if not math.isfinite(beta) or (beta == 0 and not zero_allowed):
        msg = f"beta must be finite{'' if zero_allowed else ' and not 0'}; got {beta}"
        raise ShapeError(msg)
    return float(beta)
