"""Absent answers: energy +∞, no gradient, whatever stood there."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.modules import Mask

INF, NAN = np.inf, np.nan


def passed(backend, energies, present, dy):
    x, y = xn.State(backend.asarray(energies)), xn.State()
    mask = Mask().bind(backend)
    wire = xn.State(present, fixed=True)
    mask.fprop(x, wire, y)
    y.accumulate(backend.asarray(dy))
    y.accumulate_ddx(backend.asarray(dy) * 2)
    mask.bprop(x, wire, y)
    mask.bbprop(x, wire, y)
    return y.x, x.dx, x.ddx


@pytest.mark.parametrize("kind", ["bool", "int64", "float32"])
def test_one_mask_for_all_samples(backend, close, kind):
    present = backend.asarray([1, 0, 1], getattr(backend.xp, kind))
    y, dx, ddx = passed(backend, [[1, NAN, 3], [4, 5, INF]], present, [[10, 20, 30], [40, 50, 60]])
    close(y, [[1, INF, 3], [4, INF, INF]])
    close(dx, [[10, 0, 30], [40, 0, 60]])
    close(ddx, [[20, 0, 60], [80, 0, 120]])


def test_a_mask_for_each_sample(backend, close):
    present = backend.asarray([[True, False], [False, False]], backend.xp.bool)
    y, dx, _ = passed(backend, [[1, 2], [3, 4]], present, [[NAN, NAN], [7, 8]])
    close(y, [[1, INF], [INF, INF]])
    close(dx, [[NAN, 0], [0, 0]])


def test_one_sample_with_many_masks_gets_the_sum(backend, close):
    present = backend.asarray([[True, False], [True, True]], backend.xp.bool)
    y, dx, ddx = passed(backend, [1, 2], present, [[1, 10], [100, 1000]])
    close(y, [[1, INF], [1, 2]])
    close(dx, [101, 1000])
    close(ddx, [202, 2000])


def test_the_dtype_stays(backend):
    y, dx, _ = passed(backend, [1, 2], backend.asarray([True, False], backend.xp.bool), [1, 1])
    assert y.dtype == dx.dtype == backend.dtype
