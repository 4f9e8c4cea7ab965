"""Convolution over time beyond the contract: the lecture's formula, shared weights, refusals."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import PlacementError, ShapeError
from xpnet.ops import REFERENCE


def test_the_lectures_sum_over_delays(numpy64, rng):
    """S_t = Σ_j W_j' X_(t-j) with j numbered from the newest step: the same weights in the reverse order."""
    layer, x, s = xn.Convolution(2, 1, kernel=3, bias=False), rng.normal(size=(7, 2)), xn.State()
    layer.fprop(xn.State(x), s)
    w = layer.weight.x[0, ::-1]
    wanted = [[sum(w[j] @ x[t - j] for j in range(3))] for t in range(2, 7)]
    np.testing.assert_allclose(s.x, wanted)


def test_the_kernels_gradient_is_the_sum_over_time(numpy64, rng):
    layer, x, s = xn.Convolution(2, 1, kernel=3), xn.State(rng.normal(size=(5, 2))), xn.State()
    layer.fprop(x, s)
    s.accumulate(rng.normal(size=(3, 1)))
    layer.bprop(x, s)
    wanted = sum(s.dx[t] * x.x[t : t + 3] for t in range(3))
    np.testing.assert_allclose(layer.weight.dx[0], wanted)
    np.testing.assert_allclose(layer.bias.dx, s.dx.sum(axis=0))


def test_a_fixed_input_costs_no_pullback(numpy64):
    layer, x, y = xn.Convolution(1, 1, kernel=2), xn.State(np.ones((3, 1)), fixed=True), xn.State()
    layer.fprop(x, y)
    counted = {name: getattr(layer.ops, name) for name in REFERENCE if name != "convolution_vjp_x"}
    layer.ops = type(layer.ops)(counted)
    y.accumulate(np.ones((2, 1)))
    layer.bprop(x, y)
    assert x.dx is None
    assert layer.weight.dx.tolist() == [[[2.0], [2.0]]]


def test_refusals(strict_devices):
    one, two = strict_devices
    layer = xn.Convolution(2, 3, kernel=2)
    xn.ParameterStore(layer, one)
    with pytest.raises(ShapeError, match="last axis 2"):
        layer.fprop(xn.State(one.ones((5, 3))), xn.State())
    with pytest.raises(PlacementError, match="weight and input"):
        layer.fprop(xn.State(two.ones((5, 2))), xn.State())
    with pytest.raises(ShapeError, match="at least 1"):
        xn.Convolution(2, 3, kernel=0)


def test_repr_and_first_values(numpy64):
    assert repr(xn.Convolution(2, 3, kernel=4)) == "Convolution(2, 3, kernel=4, stride=1, dilation=1)"
    assert repr(xn.Convolution(2, 3, 4, bias=False)).endswith("bias=False)")
    layer = xn.Convolution(50, 40, kernel=5)
    assert layer.weight.x.std() == pytest.approx(250**-0.5, rel=0.05)
    assert not layer.bias.x.any()
