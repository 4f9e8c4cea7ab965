"""The shared exponents: never positive, never less than the limit, never NaN but for NaN."""

import math

import numpy as np
import pytest

from xpnet.ops.exponents import LIMIT, exponents_of, gaps, nonzero

ROWS = [[1.0, 2.0, 3.0], [1e30, -1e30, 0.0], [np.inf, 1.0, 2.0], [np.inf] * 3, [-np.inf, 0.0, -np.inf], [-np.inf] * 3]


@pytest.mark.parametrize("beta", [0.0, 1e-30, 1e-8, 1.0, 1e8, math.inf, -1e-8, -1.0, -1e8, -math.inf])
@pytest.mark.parametrize("array", [False, True], ids=["float", "array"])
def test_bounds(backend, beta, array):
    if array and math.isinf(beta):
        return  # the hard limits are for floats
    extreme, exponents = exponents_of(backend.xp, backend.asarray(ROWS), backend.asarray(beta) if array else beta)
    found = backend.to_numpy(exponents)
    assert ((found <= 0) & (found >= -LIMIT * 1.000001)).all()
    lowest = backend.to_numpy(extreme)[:, 0]
    possible = np.isfinite(lowest) | (lowest == -np.copysign(np.inf, beta))
    np.testing.assert_allclose(found.max(axis=-1), np.where(possible, 0, -LIMIT), rtol=1e-6)


def test_nan_stays_visible(backend):
    _, exponents = exponents_of(backend.xp, backend.asarray([[np.nan, 1.0]]), 1.0)
    assert np.isnan(backend.to_numpy(exponents)).all()


def test_gaps_are_measured_from_what_dominates(backend, close):
    x = backend.asarray([[1.0, 2.0, 4.0]])
    close(gaps(backend.xp, x, 1.0)[1], [[0, 1, 3]])
    close(gaps(backend.xp, x, -1.0)[1], [[3, 2, 0]])


def test_only_zero_is_replaced(backend):
    assert nonzero(backend.xp, 2.0) == 2.0
    assert nonzero(backend.xp, 0.0) > 0
    assert float(nonzero(backend.xp, backend.asarray(-3.0))) == -3.0
    assert float(nonzero(backend.xp, backend.asarray(0.0))) > 0
