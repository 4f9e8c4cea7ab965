"""Images cut into overlapping windows."""

from typing import final

from xpnet.modules.windowed import CutOut, pair, windows


@final
class Patches(CutOut):
    """Y_p = the components of X in window p, as one vector: images (…, H, W, C) to (…, H', W', h·w·C).

    What TimeDelay is for sequences. A Linear behind it is an ImageConvolution; a LocalLinear has weights of its own
    for each place.

    >>> import numpy as np
    >>> from xpnet.state import State
    >>> x, y = State(np.ones((16, 16, 1))), State()
    >>> Patches(3).fprop(x, y)
    >>> y.x.shape
    (14, 14, 9)
    """

    def __init__(self, size: int | tuple[int, ...], stride: int | tuple[int, ...] = 1) -> None:
        width = pair(size)
        self.over = windows(width, (stride,) * len(width) if isinstance(stride, int) else stride)

    def describe(self) -> str:
        """size, stride."""
        return f"{tuple(w.width for w in self.over)}, stride={tuple(w.stride for w in self.over)}"
