"""Answers over all label sequences: margins and probabilities, where there are few or none."""

import numpy as np
import pytest

from xpnet.machines.n_best import best_paths
from xpnet.machines.paths import posteriors
from xpnet.training.sequence_answers import sequence_answers


def answers(backend, emissions, arcs, top=2, beta=1.0):
    model = emissions, arcs, np.zeros(np.shape(arcs)[0])
    paths = best_paths(*model, max(top, 2), backend=backend)
    return sequence_answers(backend, paths, posteriors(*model, beta=beta, backend=backend), beta, top)


def test_margin_and_probabilities_of_four_sequences(backend, close):
    found = answers(backend, [[0.0, 1.0], [0.0, 3.0]], np.zeros((2, 2)), top=3, beta=0.5)
    assert backend.to_numpy(found.top).tolist() == [[0, 0], [1, 0], [0, 1]]
    assert backend.to_numpy(found.labels).tolist() == [0, 0]
    close(found.top_energies, [0.0, 1.0, 3.0])
    close(found.energy, 0.0)
    close(found.margin, 1.0)
    weights = np.exp(-0.5 * np.asarray([0.0, 1.0, 3.0, 4.0]))
    close(found.free_energy, -2.0 * np.log(weights.sum()), factor=4)
    close(found.probabilities, weights[:3] / weights.sum(), factor=4)
    close(found.probability, weights[0] / weights.sum(), factor=4)
    close(found.posteriors[0, 0], (weights[0] + weights[2]) / weights.sum(), factor=4)


def test_one_answer_is_kept_and_the_margin_still_known(backend):
    found = answers(backend, np.zeros((2, 3, 2)), np.zeros((2, 2)), top=1)
    assert tuple(found.top.shape) == (2, 1, 3)
    assert backend.to_numpy(found.margin).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("top", [1, 2, 4])
def test_no_other_sequence_and_none_at_all(numpy64, top):
    emissions = np.asarray([[[0.5, np.inf], [0.0, np.inf]], [[np.inf, np.inf], [0.0, 0.0]]])
    found = answers(numpy64, emissions, np.zeros((2, 2)), top)
    assert found.margin.tolist() == [np.inf, np.inf]
    assert found.labels.tolist() == [[0, 0], [-1, -1]]
    assert found.energy.tolist() == [0.5, np.inf]
    np.testing.assert_allclose(found.probabilities, [[1.0] + [0.0] * (top - 1), [0.0] * top])
