"""Event axes in another shape."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ShapeError
from xpnet.modules import Reshape


def test_lead_axes_stay_and_events_are_row_major(backend, close):
    x, y = xn.State(backend.asarray(np.arange(24.0).reshape(4, 2, 3))), xn.State()
    module = Reshape((2, 3), (6,)).bind(backend)
    module.fprop(x, y)
    close(y.x, np.arange(24.0).reshape(4, 6))
    y.accumulate(y.x)
    module.bprop(x, y)
    close(x.dx, np.arange(24.0).reshape(4, 2, 3))


def test_refusals(numpy64):
    with pytest.raises(ShapeError, match="do not have the same"):
        Reshape((2, 3), (5,))
    with pytest.raises(ShapeError, match=r"event shape \(2, 3\); got shape \(3, 2\)"):
        Reshape((2, 3), (6,)).fprop(xn.State(np.ones((3, 2))), xn.State())
