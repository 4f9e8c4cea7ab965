"""Borders against numpy.pad."""

import numpy as np
import pytest


@pytest.mark.parametrize("lead", [(), (3,), (0,)], ids=str)
@pytest.mark.parametrize("borders", [[(1, 2)], [(0, 0)], [(1, 0), (2, 3)]], ids=str)
def test_value_and_pullback(backend, close, rng, lead, borders):
    x = rng.normal(size=(*lead, *(4,) * len(borders), 2)).astype(backend.dtype_name)
    y = backend.ops.pad(backend.asarray(x), borders, -2.5)
    widths = [*((0, 0) for _ in lead), *borders, (0, 0)]
    close(y, np.pad(x, widths, constant_values=-2.5))
    close(backend.ops.pad_vjp(y, borders), x)
