"""Picked components."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ShapeError
from xpnet.modules import Pick


def test_infinities_that_are_not_picked_do_no_harm(backend):
    x, y = xn.State(backend.asarray([[np.inf, 1.0], [2.0, np.inf]])), xn.State()
    pick = Pick([1, 1]).bind(backend)
    pick.fprop(x, y)
    assert backend.to_numpy(y.x).tolist() == [[1.0, 1.0], [np.inf, np.inf]]
    y.accumulate(backend.xp.ones_like(y.x))
    pick.bprop(x, y)
    assert backend.to_numpy(x.dx).tolist() == [[0.0, 2.0], [0.0, 2.0]]


@pytest.mark.parametrize("position", [-1, 3])
def test_positions_that_do_not_exist(numpy64, position):
    with pytest.raises(ShapeError, match=r"input\.x has 3"):
        Pick([0, position]).fprop(xn.State(np.zeros(3)), xn.State())
