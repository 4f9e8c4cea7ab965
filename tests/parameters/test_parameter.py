"""A trainable state, with and without a store."""

import copy

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ShapeError


def test_without_a_store_a_parameter_draws_on_the_backend_in_force(backend):
    parameter = xn.Parameter((2, 3))
    assert tuple(parameter.x.shape) == (2, 3)
    assert parameter.x.dtype == backend.dtype
    assert parameter.room is None


def test_the_first_gradient_takes_the_slot_and_later_ones_are_added(backend, close):
    bias = xn.Bias(3)
    store = xn.ParameterStore(bias, backend)
    parameter = store["bias"]
    given = backend.asarray([1.0, 2.0, 3.0])
    for turn in range(1, 4):
        parameter.accumulate(given)
        close(parameter.dx, np.asarray([1.0, 2.0, 3.0]) * turn)
        assert parameter.room is None
    close(given, [1, 2, 3])
    store.clear()
    assert parameter.dx is None


def test_a_gradient_with_lead_axes_is_summed_in_both_layouts(backend, close, layout, rng):
    bias = xn.Bias(3)
    xn.ParameterStore(bias, backend, layout=layout)
    g = rng.normal(size=(4, 2, 3))
    for _ in range(2):
        bias.bias.accumulate(backend.asarray(g))
    close(bias.bias.dx, 2 * g.sum(axis=(0, 1)), factor=8)
    with pytest.raises(ShapeError, match=r"gradient of shape \(1,\) does not fit a state of shape \(3,\)"):
        bias.bias.accumulate(backend.zeros((1,)))


def test_writing_a_value_clears_the_gradient_and_keeps_the_home(backend, close, layout):
    bias = xn.Bias(2)
    store = xn.ParameterStore(bias, backend, layout=layout)
    bias.bias.accumulate(backend.ones((2,)))
    bias.bias.x = backend.asarray([4.0, 5.0])
    assert bias.bias.dx is None
    xn.Sgd(0.1).update(store)
    close(bias.bias.x, [4, 5])
    close(store.state_dict()["bias"], [4, 5])


def test_a_value_of_the_wrong_shape_is_named(backend):
    store = xn.ParameterStore(xn.Bias(2), backend)
    with pytest.raises(ShapeError, match=r"parameter 'bias' has shape \(2,\); got a value of shape \(3,\)"):
        store["bias"].x = backend.zeros((3,))


def test_a_deep_copy_lives_on_its_own(numpy64, layout):
    bias = xn.Bias(2)
    xn.ParameterStore(bias, numpy64, layout=layout)
    twin = copy.deepcopy(bias)
    bias.bias.x = np.asarray([1.0, 2.0])
    assert twin.bias.x.tolist() == [0, 0]
    assert (twin.bias.name, twin.bias.slot) == ("bias", None)
