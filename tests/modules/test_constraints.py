"""Positivity and unit rows as transforms: where their U starts."""

import numpy as np

import xpnet as xn
from xpnet.modules import Softplus, UnitRows
from xpnet.parameters.initializers import given


def test_positive_weights_start_at_the_absolute_values_of_their_usual_start(numpy64):
    values = np.asarray([[-2.0, 1e-3], [40.0, 0.5]])
    (u,) = Softplus().source(xn.Parameter((2, 2), given(values)))
    w = xn.State()
    Softplus().fprop(xn.State(u.draw(numpy64, 0, "w")), w)
    np.testing.assert_allclose(w.x, abs(values), atol=2e-6)


def test_a_start_at_zero_stays_finite(numpy64):
    (u,) = Softplus().source(xn.Parameter((3,)))
    assert np.isfinite(u.draw(numpy64, 0, "w")).all()


def test_unit_rows_keep_a_rows_direction(backend, close):
    w = xn.State()
    UnitRows().bind(backend).fprop(xn.State(backend.asarray([[0.0, -3.0], [5.0, 0.0]])), w)
    close(w.x, [[0.0, -1.0], [1.0, 0.0]])
