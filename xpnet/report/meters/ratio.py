"""Shares of counts, where there may be nothing to share."""

import numpy as np

from xpnet._typing import HostArray


def ratio(part: HostArray, whole: HostArray) -> HostArray:
    """part / whole elementwise, NaN where the whole is 0.

    >>> ratio(np.array([1, 0]), np.array([4, 0])).tolist()
    [0.25, nan]
    """
    part, whole = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    return np.divide(part, whole, out=np.full(np.broadcast_shapes(part.shape, whole.shape), np.nan), where=whole != 0)
