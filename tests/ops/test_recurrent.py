"""The recurrent loop as one primitive: equal to steps of linear and tanh, its pullback to central differences."""

import array_api_compat.numpy as xp
import numpy as np
import pytest

from xpnet.ops import linear, pointwise
from xpnet.ops.recurrent import recurrent_tanh, recurrent_tanh_vjp

STEPS, WIDTH, DIFFERENCE = 4, 3, 1e-6


@pytest.fixture(params=[(), (2,), (2, 1)], ids=str)
def given(request, rng):
    lead = request.param
    return rng.normal(size=(*lead, STEPS, WIDTH)), rng.normal(size=(WIDTH, WIDTH)), rng.normal(size=(*lead, WIDTH))


def test_it_is_one_step_after_the_other(given):
    pulled, weight, state = given
    states = recurrent_tanh(xp, *given)
    assert states.shape == pulled.shape
    for t in range(STEPS):
        np.testing.assert_allclose(states[..., t, :], np.tanh(pulled[..., t, :] + state @ weight.T), rtol=1e-13)
        state = pointwise.tanh(xp, pulled[..., t, :] + linear.linear(xp, state, weight))
        np.testing.assert_array_equal(states[..., t, :], state)


def test_its_pullback_is_that_of_all_steps(given, rng):
    _, weight, initial = given
    states, dstates = recurrent_tanh(xp, *given), rng.normal(size=given[0].shape)
    dpulled, dinitial = recurrent_tanh_vjp(xp, dstates, states, weight)
    before = np.concatenate([initial[..., None, :], states[..., :-1, :]], axis=-2)
    dweight = linear.linear_vjp_weight(xp, dpulled, before)
    for place, gradient in enumerate((dpulled, dweight, dinitial)):
        assert gradient.shape == given[place].shape
        np.testing.assert_allclose(gradient, _slopes(given, place, dstates), atol=1e-8)


def _slopes(given, place, dstates):
    slopes = np.zeros(given[place].shape)
    for index in np.ndindex(slopes.shape):
        ends = []
        for sign in (1, -1):
            moved = [array.copy() for array in given]
            moved[place][index] += sign * DIFFERENCE
            ends.append((recurrent_tanh(xp, *moved) * dstates).sum())
        slopes[index] = (ends[0] - ends[1]) / (2 * DIFFERENCE)
    return slopes
