"""Local connections: a convolution before its weights are shared."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ShapeError
from xpnet.modules import LocalLinear, Patches


def test_equal_weights_at_every_place_make_a_convolution_and_their_gradients_sum(numpy64, rng):
    shared = xn.ImageConvolution(2, 3, kernel=2)
    local = LocalLinear((2, 3), 8, 3)
    local.weight.x = np.broadcast_to(shared.weight.x.reshape(3, 8), (2, 3, 3, 8)).copy()
    machine = xn.Cascade(Patches(2), local)
    x, one, other = xn.State(rng.normal(size=(4, 3, 4, 2))), xn.State(), xn.State()
    shared.fprop(x, one)
    machine.fprop(x, other)
    np.testing.assert_allclose(one.x, other.x)
    for output in (one, other):
        output.accumulate(one.x)
    shared.bprop(x, one)
    machine.bprop(x, other)
    np.testing.assert_allclose(local.weight.dx.sum(axis=(0, 1)).reshape(3, 2, 2, 2), shared.weight.dx)
    np.testing.assert_allclose(local.bias.dx.sum(axis=(0, 1)), shared.bias.dx)


def test_refusal_and_repr(numpy64):
    layer = LocalLinear((2, 3), 4, 1, bias=False)
    assert repr(layer) == "LocalLinear((2, 3), 4, 1, bias=False)"
    with pytest.raises(ShapeError, match=r"event shape \(2, 3, 4\); got shape \(3, 2, 4\)"):
        layer.fprop(xn.State(np.ones((3, 2, 4))), xn.State())
