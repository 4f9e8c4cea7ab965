"""The line search: its steps by hand, energies that never go up, and what it makes of ill-conditioned valleys."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from valleys import Barrier, DoubleWell, Quadratic, Slide

import xpnet as xn
from xpnet.errors import RecipeError
from xpnet.inference.descent import descend
from xpnet.inference.landscape import Landscape, Point
from xpnet.inference.line_search import LARGEST, ROUNDING, LineSearch


def path(machine, start, method, steps):
    """Points and the step before each trial, replica by replica."""
    landscape = Landscape(machine, [None], np.shape(start)[-1:])
    here = landscape.at(np.asarray(start))
    search = method.begin(np, here)
    points, lengths = [here], [search.step]
    for _ in range(steps):
        there = landscape.at(search.propose(here))
        gone = search.judge(here, there)
        here = type(here)(*(np.where(gone[..., None] if a.ndim > 1 else gone, b, a)
                            for a, b in zip(vars(here).values(), vars(there).values(), strict=True)))  # fmt: skip
        points.append(here)
        lengths.append(search.step)
    return points, lengths


def test_the_first_steps_by_hand(numpy64):
    """E = ½ 4 y² from 1: t = 1 leads to -3, refused; ½ to -1, no lower; ¼ to 0, and 1/4 is the inverse curvature."""
    points, lengths = path(Quadratic([4.0], [0.0]), [[1.0]], LineSearch(shrink=0.5), 3)
    assert [point.value.tolist() for point in points] == [[[1.0]], [[1.0]], [[1.0]], [[0.0]]]
    assert [length.tolist() for length in lengths] == [[1.0], [0.5], [0.25], [0.25]]


def test_each_replica_has_its_own_step(numpy64):
    _, lengths = path(Quadratic([4.0], [0.0]), [[1.0], [0.0]], LineSearch(first=0.5, shrink=0.1), 1)
    assert lengths[1].tolist() == pytest.approx([0.05, 1.0])  # refused; and at rest, where nothing curves


def test_the_secant_step_is_the_inverse_curvature_along_the_move(numpy64):
    """From (1, 1) with c = (1, 3) and t = 0.1: s = -0.1 (1, 3), z = c s, and s·z / z·z = (1 + 27) / (1 + 81)."""
    _, lengths = path(Quadratic([1.0, 3.0], [0.0, 0.0]), [[1.0, 1.0]], LineSearch(first=0.1), 1)
    assert lengths[1].tolist() == pytest.approx([28.0 / 82.0])


def test_where_the_energy_curves_down_the_step_doubles(numpy64):
    points, lengths = path(DoubleWell(), [[0.1]], LineSearch(first=0.01), 1)
    assert points[1].value[0, 0] == pytest.approx(0.1 - 0.01 * (4 * 0.1 * (0.01 - 1.0) + 0.5))
    assert lengths[1].tolist() == [0.02]


def test_a_fall_too_small_for_the_way_is_refused(numpy64):
    """E = ½ y² from 1 with t = 1.5 falls by ⅜, and t ‖dE/dy‖² is 3/2: enough for c = 0.2, not for 0.3."""
    for sufficient, gone in ((0.2, True), (0.3, False)):
        points, _ = path(Quadratic([1.0], [0.0]), [[1.0]], LineSearch(1.5, sufficient=sufficient), 1)
        assert (points[1].value[0, 0] != 1.0) == gone


@given(
    log_curvatures=st.lists(st.floats(-3.0, 3.0), min_size=1, max_size=4),
    start=st.lists(st.floats(-10.0, 10.0), min_size=4, max_size=4),
    first=st.floats(1e-3, 100.0),
)
def test_energies_never_go_up(log_curvatures, start, first):
    curvatures, n = 10.0 ** np.asarray(log_curvatures), len(log_curvatures)
    with xn.use_backend("numpy", dtype="float64"):
        for machine in (Quadratic(curvatures, np.ones(n)), DoubleWell()):
            points, _ = path(machine, [start[:n], [0.5] * n], LineSearch(first), 60)
            energies = np.stack([point.energy for point in points])
            assert np.all(np.diff(energies, axis=0) <= ROUNDING * 2.3e-16 * np.abs(energies[:-1]))
            steep = np.max(np.abs(points[0].slope), axis=-1) > 1e-6
            assert np.all(energies[-1][steep] < energies[0][steep])


@settings(max_examples=30)
@given(st.integers(0, 1000))
def test_an_ill_conditioned_valley_is_left_at_its_bottom(seed):
    rng = np.random.default_rng(seed)
    middle = rng.normal(size=4)
    with xn.use_backend("numpy", dtype="float64"):
        machine = Quadratic([1.0, 10.0, 300.0, 1000.0], middle)
        found = descend(machine, [None], rng.normal(size=(3, 4)) * 10.0, steps=500, tolerance=1e-6)
    assert found.converged.all()
    np.testing.assert_allclose(found.value, np.broadcast_to(middle, (3, 4)), atol=1e-6)


def test_where_energies_say_nothing_slopes_decide():
    """In float32, 1e6 + E has no digits for E < 0.03; the minimum is found to the precision of the slopes."""
    machine = Quadratic([1.0, 3.0], [0.3, 0.7], offset=1e6)
    with xn.use_backend("numpy", dtype="float32"):
        found = descend(machine, [None], [[5.0, 5.0], [0.31, 0.68]])
    assert found.converged.all()
    np.testing.assert_allclose(found.value, [[0.3, 0.7]] * 2, atol=2e-5)


@pytest.mark.parametrize(
    ("end", "rise", "gone"),
    [
        (-0.9, 1e-15, True),
        (-1.1, 1e-15, False),
        (-0.9, 1e-13, False),
        (0.5, 1e-15, True),
        (0.5, -1e-15, True),
        (-0.9, -1e-3, False),
    ],
)
def test_a_level_way_is_gone_unless_it_leads_up_at_its_end(end, rise, gone):
    """E = ½ y² + ½ from 1 with c = 0.01, each energy with a rounding of its own: beyond -0.98 the slope points back."""
    here = Point(*(np.asarray(value) for value in ([[1.0]], [1.0], [[1.0]])))
    there = Point(*(np.asarray(value) for value in ([[end]], [1.0 + rise], [[end]])))
    assert LineSearch(sufficient=0.01).begin(np, here).judge(here, there).tolist() == [gone]


def test_beyond_a_barrier_nobody_goes(numpy64):
    """A first step of 1000 leads to where there is no energy; the search turns back before the barrier."""
    found = descend(Barrier(), [None], [[0.01], [30.0]], method=LineSearch(first=1000.0), tolerance=1e-8)
    np.testing.assert_allclose(found.value, [[1.0], [1.0]], atol=1e-8)
    assert found.converged.all()


def test_on_a_slope_without_end_steps_grow_to_a_limit(numpy64):
    flat = Quadratic([0.0], [0.0])
    _, lengths = path(flat, [[1.0]], LineSearch(), 100)
    assert float(lengths[-1][0]) == LARGEST
    found = descend(Slide(), [None], [0.0], steps=300)
    assert np.isfinite(found.energy)
    assert not found.converged


@pytest.mark.parametrize("name", ["first", "shrink", "sufficient"])
def test_what_is_no_setting(name):
    for value in (0.0, -0.5, float("nan"), 1e12):
        with pytest.raises(RecipeError, match=f"{name} of a LineSearch must be between 0 and .*; got {value!r}"):
            LineSearch(**{name: value})
