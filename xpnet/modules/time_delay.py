"""Time-delayed inputs: the machine sees a window of the past."""

from typing import final

from xpnet.modules.windowed import CutOut
from xpnet.ops.window import Window


@final
class TimeDelay(CutOut):
    """Y_t = (X_(st) | X_(st+d) | … | X_(st+d(width-1))): sequences X (…, T, F) to Y (…, T', width·F).

    Steps stand in the order of time, so the newest is last: Y_t is the window that ends at step st + d(width-1), where
    s is the stride and d the dilation. Only whole windows count: T' = ⌊(T - d(width-1) - 1) / s⌋ + 1. A Linear behind
    it is a Convolution over time. ShapeError if T is shorter than a window.

    >>> import numpy as np
    >>> from xpnet.state import State
    >>> x, y = State(np.asarray([[1.0], [2.0], [3.0], [4.0]])), State()
    >>> TimeDelay(3).fprop(x, y)
    >>> y.x.tolist()
    [[1.0, 2.0, 3.0], [2.0, 3.0, 4.0]]
    """

    def __init__(self, width: int, stride: int = 1, dilation: int = 1) -> None:
        self.over = (Window(width, stride, dilation),)

    def describe(self) -> str:
        """width, stride, dilation."""
        (window,) = self.over
        return f"{window.width}, stride={window.stride}, dilation={window.dilation}"
