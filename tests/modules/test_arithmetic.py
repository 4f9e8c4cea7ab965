"""Products, differences and sums of wires."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import PlacementError
from xpnet.modules import Minus, Sum, Times


@pytest.mark.parametrize(
    ("module", "value", "da", "db"),
    [(Times(), [[3.0, 8.0]], [[3.0, 4.0]], [1.0, 2.0]), (Minus(), [[-2.0, -2.0]], [[1.0, 1.0]], [-1.0, -1.0])],
)
def test_values_and_gradients(numpy64, module, value, da, db):
    a, b, y = xn.State(np.asarray([[1.0, 2.0]])), xn.State(np.asarray([3.0, 4.0])), xn.State()
    module.fprop(a, b, y)
    y.accumulate(np.ones((1, 2)))
    module.bprop(a, b, y)
    assert y.x.tolist() == value
    assert a.dx.tolist() == da
    assert b.dx.tolist() == db


def test_sum(numpy64):
    x, y = xn.State(np.asarray([[1.0, 2.0], [3.0, 4.0]])), xn.State()
    Sum().fprop(x, y)
    assert y.x.tolist() == [3.0, 7.0]
    y.accumulate(np.asarray([1.0, 2.0]))
    Sum().bprop(x, y)
    assert x.dx.tolist() == [[1.0, 1.0], [2.0, 2.0]]


@pytest.mark.parametrize("module", [Times(), Minus()])
def test_mixed_dtypes_are_errors(numpy64, module):
    with pytest.raises(PlacementError, match="the inputs must share one dtype"):
        module.fprop(xn.State(np.ones(2)), xn.State(np.ones(2, dtype="float32")), xn.State())
