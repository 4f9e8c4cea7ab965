"""The junk category: an energy for "none of the above"."""

from typing import ClassVar, final

from xpnet.checks import real
from xpnet.module import Module
from xpnet.parameters.initializers import constant
from xpnet.parameters.parameter import Parameter
from xpnet.state import State


@final
class Junk(Module):
    """Y = (X_0, …, X_{K-1}, E0): energies (..., K) to (..., K+1), whose last answer, K, is "none of the above".

    energy: E0, which does not depend on the input. trainable: it is the lecture's w0, a Parameter of shape () that
    starts at this value; else it stays constant. Everything behind (inference, any loss) treats it like any energy.

    >>> import numpy as np
    >>> x, y = State(np.asarray([[3.0, 5.0], [1.0, 9.0]])), State()
    >>> Junk(2.0).fprop(x, y)
    >>> y.x.tolist(), y.x.argmin(axis=-1).tolist()
    ([[3.0, 5.0, 2.0], [1.0, 9.0, 2.0]], [2, 0])
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1,)

    def __init__(self, energy: float = 0.0, trainable: bool = False) -> None:
        self.start = real(energy, "the energy of junk")
        self.energy = Parameter((), constant(self.start)) if trainable else None

    def fprop(self, input: State, output: State) -> None:
        """Y = (X | E0)."""
        x = input.x
        wire = self.xp.zeros_like(x[..., :1])
        if self.energy is None:
            wire = wire + self.start
        else:
            self.require_same_placement(self.energy.x, x, "energy and input.x")
            wire = wire + self.energy.x
        output.x = self.ops.concatenate([x, wire])

    def bprop(self, input: State, output: State) -> None:
        """dX_k += dY_k, dE0 += Σ dY_K."""
        dy = output.cotangent
        input.accumulate(dy[..., :-1])
        if self.energy is not None:
            self.energy.accumulate(self.xp.sum(dy[..., -1]))

    def bbprop(self, input: State, output: State) -> None:
        """ddX_k += ddY_k, ddE0 += Σ ddY_K."""
        ddy = output.curvature
        input.accumulate_ddx(ddy[..., :-1])
        if self.energy is not None:
            self.energy.accumulate_ddx(self.xp.sum(ddy[..., -1]))

    def describe(self) -> str:
        """energy, and whether it is trainable."""
        return f"energy={self.start}" + ("" if self.energy is None else ", trainable=True")
