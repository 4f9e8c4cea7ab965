"""Some components of a vector, in any order and as often as wanted."""

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar, final

from xpnet._typing import Array
from xpnet.errors import ShapeError
from xpnet.module import Module
from xpnet.state import State


@final
class Pick(Module):
    """Y_k = X_{i_k} for fixed positions i (K): vectors (..., n) to (..., K).

    >>> import numpy as np
    >>> x, y = State(np.asarray([1.0, 2.0, 3.0])), State()
    >>> Pick([2, 0, 2]).fprop(x, y)
    >>> y.x.tolist()
    [3.0, 1.0, 3.0]
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1,)

    def __init__(self, positions: Sequence[int]) -> None:
        self.positions = tuple(int(position) for position in positions)

    def fprop(self, input: State, output: State) -> None:
        """Y_k = X_{i_k}."""
        if not all(0 <= position < input.x.shape[-1] for position in self.positions):
            msg = f"Pick takes positions {self.positions}; input.x has {input.x.shape[-1]}, shape {input.x.shape}"
            raise ShapeError(msg)
        output.x = self.xp.take(input.x, self.placed, axis=-1)

    def bprop(self, input: State, output: State) -> None:
        """dX_i += Σ_k dY_k over the k with i_k = i."""
        if not input.fixed:
            input.accumulate(self._back(output.cotangent, input.x))

    def bbprop(self, input: State, output: State) -> None:
        """ddX_i += Σ_k ddY_k: the Jacobian is 0 or 1."""
        if not input.fixed:
            input.accumulate_ddx(self._back(output.curvature, input.x))

    @cached_property
    def placed(self) -> Array:
        """The positions on the backend."""
        return self.backend.indices(list(self.positions))

    def _back(self, dy: Array, x: Array) -> Array:
        chosen = self.ops.one_hot(self.placed, x.shape[-1])
        return self.xp.matmul(dy, self.xp.astype(chosen, x.dtype))

    def _forget_backend(self) -> None:
        super()._forget_backend()
        vars(self).pop("placed", None)

    def describe(self) -> str:
        """positions."""
        return str(list(self.positions))
