"""Patches of images: a Linear behind them is an ImageConvolution."""

import numpy as np

import xpnet as xn
from xpnet.modules import Patches


def test_a_linear_behind_patches_is_an_image_convolution(numpy64, rng):
    convolution = xn.ImageConvolution(2, 3, kernel=(2, 3), stride=(1, 2))
    linear = xn.Linear(12, 3)
    linear.weight.x = convolution.weight.x.reshape(3, 12)
    x, one, other = xn.State(rng.normal(size=(4, 4, 7, 2))), xn.State(), xn.State()
    convolution.fprop(x, one)
    xn.Cascade(Patches((2, 3), stride=(1, 2)), linear).fprop(x, other)
    np.testing.assert_allclose(one.x, other.x)


def test_one_axis_is_a_time_delay(numpy64, rng):
    x, one, other = xn.State(rng.normal(size=(7, 2))), xn.State(), xn.State()
    Patches((3,), stride=2).fprop(x, one)
    xn.TimeDelay(3, stride=2).fprop(x, other)
    np.testing.assert_array_equal(one.x, other.x)
    assert repr(Patches(2)) == "Patches((2, 2), stride=(1, 1))"
