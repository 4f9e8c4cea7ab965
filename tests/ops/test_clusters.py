"""The steps of K-means, for several runs on one problem and on a problem each."""

import numpy as np
import pytest

from xpnet.ops import clusters


@pytest.fixture(params=["one problem", "a problem each"])
def problem(request, rng):
    """Samples, centres for three runs, and the samples as each run sees them."""
    x = rng.normal(size=(1 if request.param == "one problem" else 3, 20, 2))
    return x, rng.normal(size=(3, 4, 2)), np.broadcast_to(x, (3, 20, 2))


def squares(each, centres):
    return ((each[:, :, None, :] - centres[:, None, :, :]) ** 2).sum(-1)


def test_nearest_and_own_distances(backend, close, problem):
    x, centres, each = problem
    labels = clusters.nearest(backend.xp, backend.asarray(x), backend.asarray(centres))
    wanted = squares(each, centres)
    np.testing.assert_array_equal(backend.to_numpy(labels), wanted.argmin(-1))
    own = clusters.own_distances(backend.xp, backend.asarray(x), backend.asarray(centres), labels)
    close(own, wanted.min(-1), 5)


def test_of_a_tie_the_first_centre_wins(backend):
    labels = clusters.nearest(backend.xp, backend.zeros((1, 1, 2)), backend.ones((1, 3, 2)))
    assert backend.to_numpy(labels).tolist() == [[0]]


def test_sums_and_counts(backend, close, problem, rng):
    x, _, each = problem
    labels = rng.integers(0, 4, size=(3, 20))
    sums, counts = clusters.cluster_sums(backend.xp, backend.asarray(x), backend.indices(labels), 4)
    member = labels[..., None] == np.arange(4)
    close(sums, np.einsum("rnk,rnd->rkd", member, each), 5)
    close(counts, member.sum(1))


def test_an_empty_cluster_takes_the_farthest_sample_from_its_old_cluster(backend):
    x = backend.asarray([[[0.0], [1.0], [5.0], [9.0]]])
    centres, labels = backend.asarray([[[0.0], [50.0], [60.0]]]), backend.indices([[0, 0, 0, 0]])
    sums, counts = clusters.cluster_sums(backend.xp, x, labels, 3)
    distances = clusters.own_distances(backend.xp, x, centres, labels)
    sums, counts = clusters.relocated(backend.xp, x, centres, labels, sums, counts, distances)
    assert backend.to_numpy(sums)[0, :, 0].tolist() == [1.0, 9.0, 5.0]
    assert backend.to_numpy(counts)[0].tolist() == [2.0, 1.0, 1.0]
