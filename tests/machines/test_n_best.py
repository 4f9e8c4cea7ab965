"""The best paths in order, against all paths enumerated."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xpnet as xn
from xpnet.errors import ShapeError
from xpnet.machines.n_best import best_paths, n_best
from xpnet.machines.paths import viterbi


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
    with pytest.raises(ShapeError, match="n, the number of paths wanted, is an integer of at least 1; got 0"):
        n_best(np.zeros((3, 2)), np.zeros((2, 2)), np.zeros(2), 0)
    with pytest.raises(ShapeError, match=r"a path has at least one step; got emissions of shape \(2, 0, 3\)"):
        best_paths(np.zeros((2, 0, 3)), np.zeros((3, 3)), np.zeros(3), 1)


def hosted(backend, found):
    return backend.to_numpy(found.labels), backend.to_numpy(found.energies)


@pytest.mark.parametrize("n", [1, 3, 30])
def test_a_batch_with_lengths_is_its_sequences_one_by_one(backend, rng, n):
    e, a, i, f = (rng.normal(size=s) for s in [(2, 2, 4, 3), (3, 3), 3, 3])
    lengths = np.asarray([[1, 4], [3, 2]])
    for place in np.ndindex(2, 2):
        e[place][lengths[place] :] = np.nan
    labels, energies = hosted(backend, best_paths(e, a, i, n, final=f, lengths=lengths, backend=backend))
    assert (labels.shape, energies.shape) == ((2, 2, n, 4), (2, 2, n))
    assert labels.dtype.kind == "i"
    for place in np.ndindex(2, 2):
        steps = lengths[place]
        expected = every(e[place][:steps], a, i, f)[:n]
        count = len(expected)
        assert [tuple(row[:steps]) for row in labels[place][:count]] == [path for _, path in expected]
        assert (labels[place][:, steps:] == -1).all()
        np.testing.assert_allclose(energies[place][:count], [energy for energy, _ in expected], rtol=1e-5, atol=1e-6)
        assert np.isposinf(energies[place][count:]).all()
        assert (labels[place][count:] == -1).all()


def test_models_broadcast_and_may_change_with_time(numpy64, rng):
    e, a, i = rng.normal(size=(4, 2)), rng.normal(size=(3, 4, 2, 2)), rng.normal(size=2)
    together = best_paths(e, a, i, 5)
    for k in range(3):
        alone = best_paths(e, a[k], i, 5)
        assert together.labels[k].tolist() == alone.labels.tolist()
        assert together.energies[k].tolist() == alone.energies.tolist()


# Small whole numbers and +∞: many ties, and sums without rounding.
NUMBERS = st.sampled_from([0.0, 0.0, 1.0, 2.0, np.inf])


@given(st.data(), st.integers(1, 4), st.integers(1, 3), st.integers(1, 90))
def test_sorted_distinct_complete_and_the_first_is_that_of_viterbi(data, steps, n_states, n):
    def draw(*shape):
        count = int(np.prod(shape))
        return np.reshape(data.draw(st.lists(NUMBERS, min_size=count, max_size=count)), shape)

    e, a, i, f = draw(steps, n_states), draw(n_states, n_states), draw(n_states), draw(n_states)
    backend = xn.get_backend("numpy", dtype="float64")
    labels, energies = hosted(backend, best_paths(e, a, i, n, final=f, backend=backend))
    possible = [(energy, path) for energy, path in every(e, a, i, f) if energy < np.inf]
    expected = sorted(possible, key=lambda pair: (pair[0], pair[1][::-1]))[:n]  # ties: by the last label, and so on
    found = [(energy, tuple(row)) for energy, row in zip(energies.tolist(), labels.tolist(), strict=True)]
    assert found[: len(expected)] == expected
    assert found[len(expected) :] == [(np.inf, (-1,) * steps)] * (n - len(expected))
    best = viterbi(e, a, i, final=f, backend=backend)
    assert (best.labels.tolist(), float(best.energy)) == (labels[0].tolist(), energies[0])


def test_long_sequences_take_no_longer_than_that(backend, rng):
    """The first and last of 50 among 5^300 paths, checked by what Viterbi says of each one's energy."""
    e, a, i = rng.normal(size=(2, 300, 5)), rng.normal(size=(5, 5)), rng.normal(size=5)
    labels, energies = hosted(backend, best_paths(e, a, i, 50, backend=backend))
    assert (np.diff(energies, axis=-1) >= 0).all()
    assert all(len({tuple(row) for row in rows}) == 50 for rows in labels.tolist())
    for b in range(2):
        for row, energy in zip(labels[b], energies[b], strict=True):
            exact = i[row[0]] + e[b, np.arange(300), row].sum() + a[row[:-1], row[1:]].sum()
            assert energy == pytest.approx(exact, rel=1e-4)
    best = viterbi(e, a, i, backend=backend)
    assert backend.to_numpy(best.labels).tolist() == labels[:, 0].tolist()
    assert backend.to_numpy(best.energy).tolist() == energies[:, 0].tolist()
