"""Bumps never overflow, their slopes vanish with them, and the squared pullback of a net is exact."""

import numpy as np
import pytest

from xpnet.ops import REFERENCE


def op(backend, name):
    return getattr(backend.ops, name)


def test_a_bump_is_one_at_its_centre_and_falls_with_the_squared_distance(backend, close):
    half, widths = np.asarray([[0.0, 0.5, 2.0]]), np.asarray([3.0, 1.0, 0.25])
    close(op(backend, "bumps")(backend.asarray(half), backend.asarray(widths)), np.exp([[0.0, -1.0, -1.0]]))


def test_a_distance_that_rounded_below_zero_counts_as_zero(backend):
    phi = op(backend, "bumps")(backend.asarray([-1e-3]), backend.asarray([100.0]))
    assert backend.to_numpy(phi).tolist() == [1.0]


@pytest.mark.parametrize("half", [1e30, np.inf])
def test_far_away_everything_is_zero_and_not_nan(backend, half):
    far, widths = backend.asarray([half]), backend.asarray([2.0])
    phi = op(backend, "bumps")(far, widths)
    slopes = op(backend, "bumps_slopes")(far, phi, widths)
    assert [backend.to_numpy(value).tolist() for value in (phi, *slopes)] == [[0.0], [-0.0], [-0.0]]


def test_nan_stays_visible(backend):
    bad, widths = backend.asarray([np.nan]), backend.asarray([1.0])
    phi = op(backend, "bumps")(bad, widths)
    assert all(np.isnan(backend.to_numpy(slope)).all() for slope in op(backend, "bumps_slopes")(bad, phi, widths))


def test_slopes_are_derivatives(numpy64):
    half, widths, step = np.asarray([0.3, 1.5]), np.asarray([0.7, 0.2]), 1e-6
    bumps, ops = numpy64.ops.bumps, numpy64.ops
    phi = bumps(half, widths)
    by_half = (bumps(half + step, widths) - bumps(half - step, widths)) / (2 * step)
    by_width = (bumps(half, widths + step) - bumps(half, widths - step)) / (2 * step)
    for ours, theirs in zip(ops.bumps_slopes(half, phi, widths), (by_half, by_width), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-8)


def test_squared_pullback_is_the_sum_over_outputs_of_squared_rows(rng, numpy64):
    ddy, x = rng.normal(size=(5, 2)), rng.normal(size=(5, 3)) + 50.0
    centres, slope, weight = rng.normal(size=(4, 3)) + 50.0, rng.normal(size=(5, 4)), rng.normal(size=(2, 4))
    rows = np.einsum("ok,bk,bkd->bod", weight, slope, x[:, None, :] - centres)
    wanted = np.einsum("bo,bod->bd", ddy, rows**2)
    got = REFERENCE["rbf_squared_vjp_x"](numpy64.xp, ddy, x, centres, slope, weight)
    np.testing.assert_allclose(got, wanted, rtol=1e-10)
