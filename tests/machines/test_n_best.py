"""The best paths in order, against all paths enumerated."""

import itertools

import numpy as np
import pytest

from xpnet.errors import ShapeError
from xpnet.machines.n_best import n_best


def every(e, a, i, f=0.0):
    """(energy, path) of all paths, lowest first."""
    steps, n = e.shape
    timed = np.broadcast_to(a, (steps, n, n))
    end = np.broadcast_to(f, n)
    return sorted(
        (
            i[path[0]]
            + sum(e[t, s] for t, s in enumerate(path))
            + sum(timed[t, s, r] for t, (s, r) in enumerate(itertools.pairwise(path)))
            + end[path[-1]],
            path,
        )
        for path in itertools.product(range(n), repeat=steps)
    )


@pytest.mark.parametrize(("steps", "n_states", "n"), [(1, 3, 2), (4, 2, 16), (3, 3, 10), (5, 3, 40)])
def test_the_order_of_all_paths(backend, rng, steps, n_states, n):
    e, a, i, f = (rng.normal(size=s) for s in [(steps, n_states), (n_states, n_states), n_states, n_states])
    found = n_best(e, a, i, n, final=f, backend=backend)
    expected = every(e, a, i, f)[:n]
    assert [path.labels for path in found] == [path for _, path in expected]
    np.testing.assert_allclose([path.energy for path in found], [energy for energy, _ in expected], rtol=1e-5)


def test_transitions_that_change_with_time(numpy64, rng):
    e, a, i = rng.normal(size=(4, 2)), rng.normal(size=(4, 2, 2)), rng.normal(size=2)
    assert [path.labels for path in n_best(e, a, i, 7)] == [path for _, path in every(e, a, i)[:7]]


def test_equal_paths_all_come_and_none_twice(numpy64):
    found = n_best(np.zeros((3, 2)), np.zeros((2, 2)), np.zeros(2), 8)
    assert len({path.labels for path in found}) == 8
    assert all(path.energy == 0.0 for path in found)


def test_fewer_paths_than_wanted(numpy64):
    stay = np.asarray([[0.0, np.inf], [np.inf, 1.0]])
    found = n_best(np.zeros((3, 2)), stay, np.zeros(2), 10)
    assert [(path.energy, path.labels) for path in found] == [(0.0, (0, 0, 0)), (2.0, (1, 1, 1))]
    assert n_best(np.full((2, 2), np.inf), stay, np.zeros(2), 3) == []


def test_a_batch_is_an_error(numpy64):
    with pytest.raises(ShapeError, match=r"one sequence of emissions \(T, K\)"):
        n_best(np.zeros((2, 3, 2)), np.zeros((2, 2)), np.zeros(2), 1)
