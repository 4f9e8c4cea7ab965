"""Where a NaN came from: the first array or parameter that is not finite, and the place in it."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.training.finite import explain_not_finite, first_bad


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_the_first_bad_place(bad):
    values = np.zeros((2, 3))
    assert first_bad(values) is None
    values[1, 2] = bad
    values[1, 0] = bad
    assert first_bad(values) == (1, 0)
    assert first_bad(np.asarray(bad)) == ()


def test_words_for_data_parameters_and_overflow(backend):
    bias = xn.Bias(2)
    store = xn.ParameterStore(bias, backend)
    good, bad = backend.asarray([1.0]), backend.asarray([1.0, np.nan])
    text = str(explain_not_finite("the energy is nan", store, sample=good, label_set=bad))
    assert text == "the energy is nan: label set is not finite at index (1,); clean the data"
    text = str(explain_not_finite("the energy is inf", store, sample=good))
    assert text.startswith("the energy is inf, though all inputs are finite: it overflowed; scale the data")
    bias.bias.x = bad
    text = str(explain_not_finite("the energy is nan", store, sample=good))
    assert text == "the energy is nan: parameter 'bias' is not finite at index (1,); lower the learning rate"
