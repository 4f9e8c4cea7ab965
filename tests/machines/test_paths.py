"""Posteriors and best paths against published numbers, hmmlearn and enumeration."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.machines.paths import posteriors, viterbi
from xpnet.machines.trellis import Trellis

# hmmlearn, lib/hmmlearn/tests/test_categorical_hmm.py
INITIAL, TRANSITIONS, EMISSIONS = [0.6, 0.4], [[0.7, 0.3], [0.4, 0.6]], np.asarray([[0.1, 0.4, 0.5], [0.6, 0.3, 0.1]])
PUBLISHED = [[0.23170303, 0.76829697], [0.62406281, 0.37593719], [0.86397706, 0.13602294]]
EXACT = [[0.23170296, 0.76829704], [0.62406283, 0.37593717], [0.86397715, 0.13602285]]


def energies(*probabilities):
    return [-np.log(np.asarray(p)) for p in probabilities]


def close(backend, found, expected, loss=1e-9):
    tolerance = loss if backend.dtype_name == "float64" else 1e-5
    np.testing.assert_allclose(backend.to_numpy(found), expected, rtol=0, atol=tolerance)


def test_posteriors_and_path_that_hmmlearn_publishes(backend):
    emissions, transitions, initial = energies(EMISSIONS[:, [0, 1, 2]].T, TRANSITIONS, INITIAL)
    found = posteriors(emissions, transitions, initial)
    close(backend, found.states, PUBLISHED, loss=1e-6)
    close(backend, found.states, EXACT, loss=5e-9)
    path = viterbi(emissions, transitions, initial)
    assert backend.to_numpy(path.labels).tolist() == [1, 0, 0]
    close(backend, path.energy, -np.log(0.01344))


def test_path_of_the_patient(backend):
    path = viterbi(*energies([[0.5, 0.1], [0.4, 0.3], [0.1, 0.6]], TRANSITIONS, INITIAL))
    assert backend.to_numpy(path.labels).tolist() == [0, 0, 1]
    close(backend, path.energy, 4.191737, loss=5e-7)


def umbrella(seen, backend):
    """Filtered and smoothed probabilities of rain; the first transition comes before the first observation."""
    prior = np.asarray([0.5, 0.5])
    transitions = np.asarray([[0.7, 0.3], [0.3, 0.7]])
    emissions = np.asarray([[0.9, 0.2] if umbrella else [0.1, 0.8] for umbrella in seen])
    inputs = energies(emissions, transitions, prior @ transitions)
    filtered = [
        backend.to_numpy(posteriors(inputs[0][: n + 1], *inputs[1:]).states)[n, 0] for n in range(len(emissions))
    ]
    day0 = energies(np.concatenate([[[1.0, 1.0]], emissions]), transitions, prior)
    return filtered, backend.to_numpy(posteriors(*day0).states)[:, 0]


def test_umbrella_world_of_russell_and_norvig(backend):
    filtered, smoothed = umbrella([True, True], backend)
    np.testing.assert_allclose(filtered, [0.8182, 0.8834], atol=5e-5)
    np.testing.assert_allclose(smoothed[1:], [0.8834, 0.8834], atol=5e-5)
    filtered, smoothed = umbrella([True, True, False, True, True], backend)
    np.testing.assert_allclose(filtered, [0.8182, 0.8834, 0.1907, 0.7308, 0.8673], atol=5e-5)
    np.testing.assert_allclose(smoothed, [0.6469, 0.8673, 0.8204, 0.3075, 0.8204, 0.8673], atol=5e-5)


def test_hmmlearn_agrees_on_random_models(numpy64):
    hmm = pytest.importorskip("hmmlearn.hmm", reason="hmmlearn is not installed: it is the oracle here")
    rng = np.random.default_rng(0)
    model = hmm.CategoricalHMM(n_components=4)
    model.startprob_, model.transmat_ = rng.dirichlet(np.ones(4)), rng.dirichlet(np.ones(4), size=4)
    model.emissionprob_ = rng.dirichlet(np.ones(5), size=4)
    seen = rng.integers(5, size=(40, 1))
    score, expected = model.score_samples(seen)
    inputs = energies(model.emissionprob_[:, seen[:, 0]].T, model.transmat_, model.startprob_)
    found = posteriors(*inputs)
    assert found.free_energy == pytest.approx(-score, rel=1e-9)
    np.testing.assert_allclose(found.states, expected, atol=1e-9)
    best, labels = model.decode(seen)
    path = viterbi(*inputs)
    assert path.energy == pytest.approx(-best, rel=1e-9)
    assert path.labels.tolist() == labels.tolist()


def test_batches_and_lengths(backend):
    rng = np.random.default_rng(0)
    e, a, i = rng.normal(size=(3, 4, 2)), rng.normal(size=(2, 2)), rng.normal(size=2)
    together = viterbi(e, a, i, lengths=[4, 1, 3])
    soft = posteriors(e, a, i, lengths=[4, 1, 3])
    for k, n in enumerate([4, 1, 3]):
        alone = viterbi(e[k, :n], a, i)
        labels = backend.to_numpy(together.labels)[k].tolist()
        assert labels == backend.to_numpy(alone.labels).tolist() + [-1] * (4 - n)
        close(backend, backend.to_numpy(together.energy)[k], backend.to_numpy(alone.energy))
        close(backend, backend.to_numpy(soft.states)[k].sum(-1), [1.0] * n + [0.0] * (4 - n))


def test_models_broadcast_and_each_gets_its_own_posteriors(backend):
    rng = np.random.default_rng(0)
    e, a, i = rng.normal(size=(4, 3)), rng.normal(size=(3, 3)), rng.normal(size=(5, 3))
    together = posteriors(e, a, i).states
    assert tuple(together.shape) == (5, 4, 3)
    close(backend, backend.to_numpy(together)[2], backend.to_numpy(posteriors(e, a, i[2]).states))


def test_final_energies_force_the_end(backend):
    path = viterbi(np.zeros((3, 2)), np.zeros((2, 2)), np.zeros(2), final=[np.inf, 0.0])
    assert backend.to_numpy(path.labels)[-1] == 1
    rng = np.random.default_rng(0)
    e, a, i, f = rng.normal(size=(3, 2)), rng.normal(size=(2, 2)), rng.normal(size=2), rng.normal(size=2)
    inside = e.copy()
    inside[-1] += f
    close(
        backend,
        posteriors(e, a, i, final=f).states,
        backend.to_numpy(posteriors(inside, a, i).states),
    )


def test_equal_paths_give_one_whole_path(backend):
    path = viterbi(np.zeros((4, 3)), np.zeros((3, 3)), np.zeros(3))
    assert backend.to_numpy(path.labels).tolist() == [0, 0, 0, 0]
    assert backend.to_numpy(path.energy) == 0.0


def test_an_impossible_sequence_has_no_path(backend):
    path = viterbi(np.full((2, 2), np.inf), np.zeros((2, 2)), np.zeros(2))
    assert backend.to_numpy(path.labels).tolist() == [-1, -1]
    assert np.isposinf(backend.to_numpy(path.energy))


def test_beta_sharpens(backend):
    inputs = energies(EMISSIONS[:, [0, 1, 2]].T, TRANSITIONS, INITIAL)
    cold = backend.to_numpy(posteriors(*inputs, beta=50.0).states)
    np.testing.assert_allclose(cold, [[0, 1], [1, 0], [1, 0]], atol=1e-3)
    hot = backend.to_numpy(posteriors(*inputs, beta=1e-4).states)
    np.testing.assert_allclose(hot, 0.5, atol=1e-3)


def test_pair_posteriors_are_the_gradient_of_timed_transitions(numpy64):
    """Summing a pair's posterior over one of its ends gives the state's posterior."""
    rng = np.random.default_rng(0)
    e, a, i = rng.normal(size=(4, 3)), rng.normal(size=(4, 3, 3)), rng.normal(size=3)
    states = [xn.State(x) for x in (e, a, i)]
    free = xn.State()
    trellis = Trellis(3, timed=True)
    trellis.fprop(*states, free)
    free.accumulate(np.ones(()))
    trellis.bprop(*states, free)
    found = posteriors(e, a, i)
    np.testing.assert_allclose(states[1].dx[:3].sum(-1), found.states[:3], atol=1e-12)
    np.testing.assert_allclose(states[1].dx[:3].sum(-2), found.states[1:], atol=1e-12)
