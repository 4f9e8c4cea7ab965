"""Images cut into overlapping windows."""

from typing import final

from xpnet.modules.windowed import Windowed, pair, windows
from xpnet.state import State


@final
class Patches(Windowed):
    """Y_p = the components of X in window p, as one vector: images (…, H, W, C) to (…, H', W', h·w·C).

    What TimeDelay is for sequences. A Linear behind it is an ImageConvolution; a LocalLinear has weights of its own
    for each place.

    >>> import numpy as np
    >>> x, y = State(np.ones((16, 16, 1))), State()
    >>> Patches(3).fprop(x, y)
    >>> y.x.shape
    (14, 14, 9)
    """

    def __init__(self, size: int | tuple[int, ...], stride: int | tuple[int, ...] = 1) -> None:
        width = pair(size)
        self.over = windows(width, (stride,) * len(width) if isinstance(stride, int) else stride)

    def fprop(self, input: State, output: State) -> None:
        """Y_p = window p."""
        self.lengths(input.x)
        output.x = self.ops.patches(input.x, self.over)

    def bprop(self, input: State, output: State) -> None:
        """dX += Σ over the windows that hold it."""
        if not input.fixed:
            input.accumulate(self.ops.patches_vjp(output.cotangent, self.over, self.lengths(input.x)))

    def bbprop(self, input: State, output: State) -> None:
        """The same with ddY: the Jacobian holds zeros and ones."""
        if not input.fixed:
            input.accumulate_ddx(self.ops.patches_vjp(output.curvature, self.over, self.lengths(input.x)))

    def describe(self) -> str:
        """size, stride."""
        return f"{tuple(w.width for w in self.over)}, stride={tuple(w.stride for w in self.over)}"
