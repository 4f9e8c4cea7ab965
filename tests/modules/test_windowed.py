"""What modules with windows share: when they refuse an input, and their replica for one position."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ShapeError
from xpnet.modules import AveragePooling, MaxPooling, Patches
from xpnet.modules.windowed import pair, windows
from xpnet.ops.window import Window


@pytest.mark.parametrize(
    ("module", "shape", "axis"),
    [
        (xn.TimeDelay(4), (3, 2), -2),
        (xn.TimeDelay(2, dilation=3), (5, 3, 2), -2),
        (xn.Convolution(2, 3, kernel=5, stride=2), (4, 2), -2),
        (xn.ImageConvolution(2, 3, kernel=(2, 5)), (6, 4, 2), -2),
        (xn.ImageConvolution(2, 3, kernel=(5, 2)), (4, 6, 2), -3),
        (xn.Subsampling(2), (1, 6, 2), -3),
        (AveragePooling((3,)), (2, 2), -2),
        (MaxPooling(3), (7, 2, 2), -2),
        (Patches(3), (2, 3, 2), -3),
        (xn.TimeDelay(1), (0, 2), -2),
    ],
    ids=repr,
)
def test_an_input_shorter_than_a_window_is_refused(numpy64, module, shape, axis):
    with pytest.raises(ShapeError, match=rf"at least \d steps along axis {axis}, one whole window; got {shape[axis]}"):
        module.fprop(xn.State(np.ones(shape)), xn.State())


@pytest.mark.parametrize("module", [xn.TimeDelay(1), xn.ImageConvolution(2, 1, 1), AveragePooling((1,))], ids=repr)
def test_too_few_axes_are_refused(numpy64, module):
    with pytest.raises(ShapeError, match=r"event axes; got shape \(2,\)"):
        module.fprop(xn.State(np.ones((2,))), xn.State())


def test_a_replica_for_one_position_has_the_same_parameters_and_no_gaps(numpy64):
    layer = xn.Convolution(2, 3, kernel=2, stride=3, dilation=4)
    replica = layer.at_one_position()
    x, whole, one = np.random.default_rng(0).normal(size=(5, 2)), xn.State(), xn.State()
    layer.fprop(xn.State(x), whole)
    replica.fprop(xn.State(x[::4]), one)
    np.testing.assert_allclose(one.x, whole.x)
    assert replica.weight is layer.weight
    assert replica.bias is layer.bias
    assert layer.over == (Window(2, 3, 4),)


def test_numbers_for_each_axis():
    assert pair(3) == (3, 3)
    assert pair((3,)) == (3,)
    assert windows((2, 3), (1, 4)) == (Window(2), Window(3, 4))
    with pytest.raises(ShapeError, match="one number for each axis"):
        windows((2, 3), (1,))
