"""First values of parameters."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ShapeError
from xpnet.parameters.initializers import constant, fan_in_normal, given
from xpnet.streams import stream


def test_fan_in_normal_keeps_the_variance_of_sums():
    weights = fan_in_normal(400)(stream(0, "test"), (200, 400))
    np.testing.assert_allclose(weights.std(), 1 / 20, rtol=0.02)
    assert abs(weights.mean()) < 1e-3
    assert fan_in_normal(0)(stream(0, "test"), (2, 0)).shape == (2, 0)


def test_constant_and_given():
    assert constant(3.0)(stream(0), (2,)).tolist() == [3.0, 3.0]
    values = np.ones(2)
    parameter = xn.Parameter((2,), given(values))
    parameter.x[...] = 5.0
    assert values.tolist() == [1, 1]


def test_an_initializer_of_the_wrong_shape_is_named():
    bias = xn.Bias(3)
    bias.bias = xn.Parameter((3,), given(np.zeros(4)))
    with pytest.raises(ShapeError, match=r"parameter bias has shape \(3,\); its initializer gave \(4,\)"):
        xn.ParameterStore(bias, xn.get_backend("numpy"))


def test_first_values_are_equal_on_every_backend(backend, close):
    exact = xn.ParameterStore(xn.Linear(4, 3), xn.get_backend("numpy", dtype="float64"), seed=7).state_dict()
    here = xn.ParameterStore(xn.Linear(4, 3), backend, seed=7)
    for name, value in exact.items():
        close(here[name].x, value)


def test_the_seed_and_the_name_decide_first_values(numpy64):
    machine = xn.Cascade(xn.Linear(3, 3), xn.Linear(3, 3))
    first = xn.ParameterStore(machine, numpy64, seed=1).state_dict()
    assert np.any(first["0.weight"] != first["1.weight"])
    again = xn.ParameterStore(xn.Cascade(xn.Linear(3, 3), xn.Tanh(), xn.Linear(3, 3)), numpy64, seed=1).state_dict()
    np.testing.assert_array_equal(first["0.weight"], again["0.weight"])
    other = xn.ParameterStore(machine, numpy64, seed=2).state_dict()
    assert np.any(first["0.weight"] != other["0.weight"])
