"""What inference found: order, margin, probabilities, and what to refuse."""

import numpy as np
import pytest

from xpnet.inference.answers import answers_among, answers_from, wanted

INF = np.inf


def among(backend, energies, top=1, beta=None):
    return answers_among(backend, backend.asarray(energies), top, beta)


def listed(backend, values):
    return backend.to_numpy(values).tolist()


@pytest.mark.parametrize("top", [1, 2, 3, 4, 5])
def test_the_best_come_in_order_and_the_first_of_a_tie_leads(backend, top):
    found = among(backend, [[3, 1, 2, 1], [0, 0, 0, 0], [4, 3, 2, 1]], top)
    order, energies = [[1, 3, 2, 0], [0, 1, 2, 3], [3, 2, 1, 0]], [[1, 1, 2, 3], [0, 0, 0, 0], [1, 2, 3, 4]]
    assert listed(backend, found.top) == [row[:top] for row in order]
    assert listed(backend, found.top_energies) == [row[:top] for row in energies]
    assert listed(backend, found.margin) == [0, 0, 1]
    assert listed(backend, found.index) == [1, 0, 3]
    assert listed(backend, found.energy) == [1, 0, 1]


def test_one_sample_has_no_batch_axis(backend):
    found = among(backend, [2, 1, 5], top=2, beta=1.0)
    assert tuple(found.top.shape) == (2,)
    assert [tuple(each.shape) for each in (found.index, found.energy, found.margin, found.probability)] == [()] * 4
    assert (int(found.index), float(found.margin)) == (1, 1.0)


def test_impossible_answers_are_numbered_minus_one(backend, close):
    found = among(backend, [[INF, 2, INF], [INF, INF, INF], [1, 4, INF]], top=3, beta=1.0)
    assert listed(backend, found.top) == [[1, -1, -1], [-1, -1, -1], [0, 1, -1]]
    assert listed(backend, found.margin) == [INF, INF, 3]
    assert listed(backend, found.energy) == [2, INF, 1]
    p = 1 / (1 + np.exp(-3))
    close(found.probabilities, [[1, 0, 0], [0, 0, 0], [p, 1 - p, 0]], factor=4)
    assert listed(backend, found.rejected()) == [False, True, False]


def test_a_single_answer_has_no_rival(backend):
    found = among(backend, [[2], [3]], top=4)
    assert listed(backend, found.top) == [[0], [0]]
    assert listed(backend, found.margin) == [INF, INF]


@pytest.mark.parametrize("beta", [0.5, 1.0, 3.0])
def test_probabilities_over_all_answers_sum_to_one(backend, close, rng, beta):
    energies = rng.normal(size=(5, 7)).astype(backend.dtype_name).astype(np.float64)
    found = among(backend, energies, 7, beta)
    p = np.exp(-beta * energies)
    p /= p.sum(axis=-1, keepdims=True)
    close(found.probabilities, -np.sort(-p, axis=-1), factor=10)
    close(found.probability, p.max(axis=-1), factor=10)
    close(backend.xp.sum(found.probabilities, axis=-1), np.ones(5), factor=10)
    close(found.free_energy, -np.log(np.exp(-beta * energies).sum(axis=-1)) / beta, factor=10)


def test_huge_energies_have_probabilities_too(backend, close):
    found = among(backend, [[1e6, 1e6 + 1], [-1e6, -1e6 + 1]], top=2, beta=1.0)
    p = 1 / (1 + np.exp(-1.0))
    close(found.probabilities, [[p, 1 - p], [p, 1 - p]], factor=2e5 if backend.dtype_name == "float32" else 1e4)


def test_no_probabilities_without_a_beta(numpy64):
    with pytest.raises(ValueError, match=r"no free energy was computed.*ask trainer\.answer\(\.\.\., beta=\.\.\.\)"):
        _ = among(numpy64, [1, 2]).probabilities


def test_each_criterion_refuses(backend):
    """Energies (1, 3), (5, 5.5), (2, 2): margins 2, 0.5, 0."""
    found = among(backend, [[1, 3], [5.5, 5], [2, 2]], beta=1.0)
    assert listed(backend, found.rejected()) == [False, False, False]
    assert listed(backend, found.rejected(energy=2.0)) == [False, True, False]
    assert listed(backend, found.rejected(energy=0.5)) == [True, True, True]
    assert listed(backend, found.rejected(margin=0.5)) == [False, False, True]
    assert listed(backend, found.rejected(margin=0.75)) == [False, True, True]
    assert listed(backend, found.rejected(probability=0.6)) == [False, False, True]
    assert listed(backend, found.rejected(probability=0.7)) == [False, True, True]
    assert listed(backend, found.rejected(junk=1)) == [False, True, False]
    assert listed(backend, found.rejected(energy=2.0, margin=0.5)) == [False, True, True]


def test_nothing_that_is_nan_is_accepted(numpy64):
    found = among(numpy64, [[np.nan, 1.0]])
    assert found.rejected().tolist() == [True]


def test_energies_are_kept_where_they_were_at_hand(numpy64):
    energies = np.asarray([[2.0, 1.0]])
    assert among(numpy64, energies).energies is energies
    found = answers_from(numpy64, energies[:, ::-1], np.asarray([[1, 0]]), 1)
    assert found.energies is found.free_energy is found.latent is None
    assert found.with_latent(np.asarray([3])).latent.tolist() == [3]


@pytest.mark.parametrize(("top", "count", "needed"), [(1, 9, 2), (2, 9, 2), (5, 9, 5), (12, 9, 9), (1, 1, 1)])
def test_one_more_than_the_best_is_needed_for_a_margin(top, count, needed):
    assert wanted(top, count, margin=True) == needed
    assert wanted(top, count, margin=False) == min(top, count)
