"""HMMs and CRFs as linear recurrent machines: published numbers, and all paths enumerated."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import GraphError
from xpnet.machines.enumeration import AllPaths, enumerated
from xpnet.machines.equivalences import equivalent
from xpnet.machines.trellis import Trellis

# Wikipedia, "Viterbi algorithm": healthy or fever, and a patient who was normal, cold, dizzy.
INITIAL, TRANSITIONS = [0.6, 0.4], [[0.7, 0.3], [0.4, 0.6]]
SYMPTOMS = [[0.5, 0.1], [0.4, 0.3], [0.1, 0.6]]


@pytest.fixture
def place(backend):
    """A backend, and what may be lost in a chain of its additions."""
    return backend, 1e-9 if backend.dtype_name == "float64" else 1e-4


def score(backend, *inputs, **options):
    """The score, and the gradients of the inputs; None where there is none."""
    trellis = Trellis(len(inputs[2]) if np.ndim(inputs[2]) == 1 else np.shape(inputs[2])[-1], **options).bind(backend)
    states = [
        xn.State(backend.indices(x), fixed=True) if np.asarray(x).dtype.kind == "i" else xn.State(backend.asarray(x))
        for x in inputs
    ]
    out = xn.State()
    trellis.fprop(*states, out)
    out.accumulate(backend.xp.ones_like(out.x))
    trellis.bprop(*states, out)
    return backend.to_numpy(out.x), [None if s.dx is None else backend.to_numpy(s.dx) for s in states]


def energies(*probabilities):
    with np.errstate(divide="ignore"):
        return [-np.log(np.asarray(p)) for p in probabilities]


def test_published_forward_score_in_both_arithmetics(place):
    backend, tolerance = place
    probability, _ = score(backend, SYMPTOMS, TRANSITIONS, INITIAL, plus="sum")
    free_energy, _ = score(backend, *energies(SYMPTOMS, TRANSITIONS, INITIAL))
    assert probability == pytest.approx(0.03628, rel=tolerance)
    assert free_energy == pytest.approx(-np.log(0.03628), rel=tolerance)
    assert free_energy == pytest.approx(3.316489, abs=5e-7 + tolerance)


def test_published_best_path(place):
    backend, tolerance = place
    energy, (path, arcs, start) = score(backend, *energies(SYMPTOMS, TRANSITIONS, INITIAL), plus="min")
    assert energy == pytest.approx(4.191737, abs=5e-7 + tolerance)
    assert np.exp(-energy) == pytest.approx(0.01512, rel=tolerance)
    assert path.tolist() == [[1, 0], [1, 0], [0, 1]]  # healthy, healthy, fever
    assert arcs.tolist() == [[1, 1], [0, 0]]
    assert start.tolist() == [1, 0]


def test_asg_best_path_of_gtn(place):
    backend, _ = place
    scores = np.asarray([[0, 0, 7], [5, 4, 3], [5, 8, 5], [5, 4, 3]], dtype="float64")
    into_from = np.asarray([[0, 2, 0], [0, 0, 2], [2, 0, 0]], dtype="float64")
    energy, (path, _, _) = score(backend, -scores, -into_from.T, np.zeros(3), plus="min")
    assert energy == -28.0
    assert path.argmax(-1).tolist() == [2, 1, 1, 0]
    every = xn.State()
    paths = AllPaths(3, steps=4).bind(xn.get_backend("numpy", dtype="float64"))
    paths.fprop(*(xn.State(x) for x in (-scores, -into_from.T, np.zeros(3))), every)
    assert len(every.x) == 81
    assert (every.x == -28.0).sum() == 1
    assert every.x.min() == -28.0


@pytest.mark.parametrize("beta", [1.0, 0.3, 2.5, -0.7])
@pytest.mark.parametrize(("n_states", "steps"), [(1, 3), (2, 1), (3, 4), (4, 3)])
def test_free_energy_and_gradients_are_those_of_all_paths_enumerated(place, n_states, steps, beta):
    backend, tolerance = place
    rng = np.random.default_rng(n_states + steps)
    shapes = [(5, steps, n_states), (n_states, n_states), (n_states,)]
    inputs = [backend.asarray(rng.normal(size=shape)) for shape in shapes]
    trellis = Trellis(n_states, beta=beta).bind(backend)
    report = equivalent(trellis, enumerated(n_states, steps, beta), *inputs, tolerance=tolerance)
    assert report, str(report)
    assert len(report.comparisons) == 4


def test_best_path_energy_and_gradients_are_those_of_all_paths_enumerated(place):
    backend, tolerance = place
    rng = np.random.default_rng(0)
    inputs = [backend.asarray(rng.normal(size=shape)) for shape in [(6, 4, 3), (3, 3), (3,)]]
    least = xn.Cascade(AllPaths(3, steps=4), xn.modules.Min())
    assert equivalent(Trellis(3, "min").bind(backend), least, *inputs, tolerance=tolerance)


def test_probabilities_and_free_energies_tell_the_same(place):
    backend, tolerance = place
    rng = np.random.default_rng(0)
    e, a, i = (rng.uniform(0.1, 1, size=shape) for shape in [(2, 5, 3), (3, 3), (3,)])
    probability, (de, _, di) = score(backend, e, a, i, plus="sum")
    free_energy, (fe, _, fi) = score(backend, *energies(e, a, i))
    np.testing.assert_allclose(-np.log(probability), free_energy, rtol=10 * tolerance)
    np.testing.assert_allclose(e * de / probability[:, None, None], fe, rtol=0, atol=10 * tolerance)
    lone, (_, _, di) = score(backend, e[0], a, i, plus="sum")
    _, (_, _, fi) = score(backend, *energies(e[0], a, i))
    np.testing.assert_allclose(i * di / lone, fi, rtol=0, atol=10 * tolerance)


def test_logsum_tends_to_min_as_it_gets_cold():
    backend = xn.get_backend("numpy", dtype="float64")
    inputs = energies(SYMPTOMS, TRANSITIONS, INITIAL)
    best, (path, _, _) = score(backend, *inputs, plus="min")
    cold, (soft, _, _) = score(backend, *inputs, beta=1e4)
    assert cold == pytest.approx(best, rel=1e-12)
    np.testing.assert_allclose(soft, path, atol=1e-12)


def test_lengths_are_those_of_the_sequences_cut_off(place):
    backend, tolerance = place
    rng = np.random.default_rng(1)
    e, a, i = rng.normal(size=(4, 5, 3)), rng.normal(size=(3, 3)), rng.normal(size=3)
    e[0, 2:] = np.nan
    e[3, 1:] = np.inf
    found, (de, *_) = score(backend, e, a, i, np.asarray([2, 5, 3, 1]), lengths=True)
    for k, n in enumerate([2, 5, 3, 1]):
        alone, (dk, _, _) = score(backend, e[k, :n], a, i)
        np.testing.assert_allclose(found[k], alone, rtol=tolerance)
        np.testing.assert_allclose(de[k, :n], dk, atol=tolerance)
        assert (de[k, n:] == 0).all()


def test_transitions_that_change_with_time(place):
    backend, tolerance = place
    rng = np.random.default_rng(2)
    e, a, i = rng.normal(size=(2, 4, 3)), rng.normal(size=(4, 3, 3)), rng.normal(size=3)
    found, (_, da, _) = score(backend, e, a, i, timed=True)
    paths = np.asarray(np.unravel_index(np.arange(81), (3, 3, 3, 3))).T
    totals = i[paths[:, 0]] + e[:, np.arange(4), paths].sum(-1)
    totals = totals + a[np.arange(3), paths[:, :-1], paths[:, 1:]].sum(-1)
    np.testing.assert_allclose(found, -np.log(np.exp(-totals).sum(-1)), rtol=tolerance)
    p = (np.exp(-totals) / np.exp(-totals).sum(-1, keepdims=True)).sum(0)
    expected = np.zeros((3, 3, 3))
    for path, weight in zip(paths, p, strict=True):
        expected[np.arange(3), path[:-1], path[1:]] += weight
    np.testing.assert_allclose(da[:3], expected, atol=10 * tolerance)
    assert (da[3] == 0).all()


def test_time_dependent_and_constant_transitions_agree():
    backend = xn.get_backend("numpy", dtype="float64")
    e, a, i = energies(SYMPTOMS, TRANSITIONS, INITIAL)
    same, (_, da, _) = score(backend, e, a, i)
    timed, (_, dt, _) = score(backend, e, np.broadcast_to(a, (3, 2, 2)).copy(), i, timed=True)
    assert timed == same
    np.testing.assert_allclose(dt.sum(0), da, rtol=1e-12)


def test_candidate_models_broadcast_against_a_batch_of_sequences(place):
    """Three models score five sequences at once: initial (3, K) and emissions (5, 1, T, K)."""
    backend, tolerance = place
    rng = np.random.default_rng(3)
    e, a, i = rng.normal(size=(5, 1, 4, 2)), rng.normal(size=(3, 2, 2)), rng.normal(size=(3, 2))
    found, (de, da, _) = score(backend, e, a, i)
    assert found.shape == (5, 3)
    assert de.shape == e.shape
    assert da.shape == a.shape
    alone, _ = score(backend, e[4, 0], a[1], i[1])
    np.testing.assert_allclose(found[4, 1], alone, rtol=tolerance)


def test_no_possible_path_has_infinite_energy_and_no_gradient(place):
    backend, _ = place
    e = np.asarray([[0.0, np.inf], [np.inf, 0.0]])
    never = np.asarray([[0.0, np.inf], [np.inf, 0.0]])
    for plus in ("logsum", "min"):
        energy, gradients = score(backend, e, never, np.zeros(2), plus=plus)
        assert np.isposinf(energy)
        assert all((dx == 0).all() for dx in gradients)


def test_a_long_sequence_does_not_underflow():
    """Unnormalised forward messages leave the range of float64 after some hundred steps; free energies never do."""
    backend = xn.get_backend("numpy", dtype="float32")
    e, a, i = energies(np.full((1500, 2), 0.01), TRANSITIONS, INITIAL)
    energy, (de, da, _) = score(backend, e, a, i)
    assert energy == pytest.approx(1500 * np.log(100), rel=1e-4)
    assert np.isfinite(da).all()
    np.testing.assert_allclose(de.sum(-1), 1.0, atol=1e-3)


@pytest.mark.parametrize("scale", [1e4, 1e30])
def test_extreme_energies(scale):
    backend = xn.get_backend("numpy", dtype="float64")
    rng = np.random.default_rng(0)
    energy, gradients = score(backend, *(scale * rng.normal(size=shape) for shape in [(4, 3), (3, 3), (3,)]))
    assert np.isfinite(energy)
    assert all(np.isfinite(dx).all() for dx in gradients)


def test_an_unknown_arithmetic_names_the_known_ones():
    with pytest.raises(GraphError, match=r"'viterbi'; .*known: logsum, min, sum"):
        Trellis(2, "viterbi")
