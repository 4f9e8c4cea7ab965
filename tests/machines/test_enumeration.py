"""All label sequences one by one."""

import itertools

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ShapeError
from xpnet.machines.enumeration import AllPaths, enumerated


@pytest.mark.parametrize(("n_states", "steps"), [(1, 1), (1, 4), (3, 1), (2, 3), (3, 3)])
def test_energies_in_lexicographic_order(backend, rng, n_states, steps):
    e, a, i = rng.normal(size=(2, steps, n_states)), rng.normal(size=(n_states, n_states)), rng.normal(size=n_states)
    paths, out = AllPaths(n_states, steps).bind(backend), xn.State()
    paths.fprop(*(xn.State(backend.asarray(x)) for x in (e, a, i)), out)
    expected = [
        i[path[0]] + sum(e[:, t, s] for t, s in enumerate(path)) + sum(a[s, r] for s, r in itertools.pairwise(path))
        for path in itertools.product(range(n_states), repeat=steps)
    ]
    np.testing.assert_allclose(backend.to_numpy(out.x), np.stack(expected, -1), rtol=1e-5, atol=1e-5)


def test_forbidden_arcs_stay_infinite_and_never_become_nan(numpy64):
    out = xn.State()
    arcs = np.asarray([[0.0, np.inf], [0.0, 0.0]])
    AllPaths(2, steps=2).fprop(xn.State(np.zeros((2, 2))), xn.State(arcs), xn.State(np.zeros(2)), out)
    assert out.x.tolist() == [0.0, np.inf, 0.0, 0.0]


def test_free_energy(numpy64):
    out = xn.State()
    enumerated(2, 3).fprop(xn.State(np.zeros((3, 2))), xn.State(np.zeros((2, 2))), xn.State(np.zeros(2)), out)
    assert out.x == pytest.approx(-3 * np.log(2))


def test_too_many_sequences_are_an_error():
    with pytest.raises(ShapeError, match="have 2097152 sequences of 21 steps"):
        AllPaths(2, steps=21)
