"""A new lead axis for replicas."""

from typing import final

from xpnet.module import Module
from xpnet.state import State


@final
class Expand(Module):
    """Y (…, 1, *event) from X (…, *event): a lead axis of size 1 that broadcasts against a label set or experts.

    ndim: the number of event axes.

    >>> import numpy as np
    >>> x, y = State(np.ones((4, 3))), State()
    >>> Expand().fprop(x, y)
    >>> y.x.shape
    (4, 1, 3)
    """

    def __init__(self, ndim: int = 1) -> None:
        self.ndim = ndim

    @property
    def event_ndims(self) -> tuple[int | None, ...]:  # type: ignore[override]
        """The event axes."""
        return (self.ndim,)

    def fprop(self, input: State, output: State) -> None:
        """Y is X with one more axis."""
        output.x = self.xp.expand_dims(input.x, axis=-1 - self.ndim)

    def bprop(self, input: State, output: State) -> None:
        """dX += dY without that axis."""
        input.accumulate(self.xp.squeeze(output.cotangent, axis=-1 - self.ndim))

    def bbprop(self, input: State, output: State) -> None:
        """ddX += ddY without that axis."""
        input.accumulate_ddx(self.xp.squeeze(output.curvature, axis=-1 - self.ndim))

    def describe(self) -> str:
        """ndim."""
        return f"ndim={self.ndim}"
