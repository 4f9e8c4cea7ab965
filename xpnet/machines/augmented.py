"""Energies lowered by what a wrong answer costs: margins that grow with the number of wrong labels."""

from typing import ClassVar, final

from xpnet._typing import Array
from xpnet.module import Module
from xpnet.modules.switch import require_integers
from xpnet.state import State


@final
class Augmented(Module):
    """Y_k = X_k - m [k ≠ label]: of K answers X (..., K) the wrong ones come nearer by the margin m.

    Labels (...) are integers; a negative one is unknown, and no answer is wrong. Over a sequence, the energies of paths
    are lowered by m times their Hamming distance to the labels.

    >>> import numpy as np
    >>> x, label, y = State(np.asarray([1.0, 2.0, 3.0])), State(np.asarray(1), fixed=True), State()
    >>> Augmented(0.5).fprop(x, label, y)
    >>> y.x.tolist()
    [0.5, 2.0, 2.5]
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1, 0)

    def __init__(self, margin: float = 1.0) -> None:
        self.margin = margin

    def fprop(self, input: State, label: State, output: State) -> None:
        """Y_k = X_k - m [k ≠ label]."""
        require_integers(self, label.x)
        output.x = self.xp.where(self._wrong(input.x, label.x), input.x - self.margin, input.x)

    def bprop(self, input: State, label: State, output: State) -> None:
        """dX_k += dY_k."""
        input.accumulate(output.cotangent)

    def bbprop(self, input: State, label: State, output: State) -> None:
        """ddX_k += ddY_k."""
        input.accumulate_ddx(output.curvature)

    def _wrong(self, x: Array, label: Array) -> Array:
        right = self.ops.one_hot(label, x.shape[-1])
        return ~self.xp.logical_or(right, label[..., None] < 0)

    def describe(self) -> str:
        """margin."""
        return f"margin={self.margin}"
