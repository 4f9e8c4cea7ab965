"""k-means++ draws samples, far from one another, the same on every backend."""

import numpy as np

import xpnet as xn
from xpnet.kmeans.plus_plus import plus_plus


def test_starts_are_samples_and_differ_from_run_to_run(backend, rng):
    x = rng.normal(size=(1, 30, 2))
    starts = backend.to_numpy(plus_plus(backend, backend.asarray(x), 4, 6, seed=0))
    samples = {tuple(row) for row in backend.to_numpy(backend.asarray(x))[0].tolist()}
    assert starts.shape == (6, 4, 2)
    assert all(tuple(row) in samples for row in starts.reshape(-1, 2).tolist())
    assert len({tuple(run.ravel()) for run in starts}) > 1
    assert all(len({tuple(row) for row in run}) == 4 for run in starts)


def test_equal_on_every_backend_and_for_every_seed_its_own(backend, rng):
    x = rng.normal(size=(1, 30, 2))
    reference = xn.get_backend("numpy", dtype="float64")
    wanted = plus_plus(reference, x, 4, 3, seed=7)
    np.testing.assert_allclose(
        backend.to_numpy(plus_plus(backend, backend.asarray(x), 4, 3, seed=7)), wanted, rtol=1e-6
    )
    assert (plus_plus(reference, x, 4, 3, seed=8) != wanted).any()


def test_groups_far_apart_each_get_a_centre(numpy64, rng):
    """The chance is in proportion to the squared distance: with gaps of 1e4, a miss has odds of about 1e-8."""
    groups = np.asarray([[0.0, 0.0], [1e4, 0.0], [0.0, 1e4], [1e4, 1e4]])
    x = (groups[:, None, :] + rng.normal(size=(4, 10, 2))).reshape(1, 40, 2)
    starts = plus_plus(numpy64, x, 4, 50, seed=0)
    nearest = ((starts[:, :, None, :] - groups) ** 2).sum(-1).argmin(-1)
    assert all(sorted(run) == [0, 1, 2, 3] for run in nearest.tolist())


def test_the_second_centre_follows_the_squared_distance(numpy64):
    """From 0 the samples 1 and 3 are drawn with odds 1 to 9, and so on: Arthur & Vassilvitskii's distribution."""
    x = np.asarray([[[0.0], [1.0], [3.0]]])
    starts = plus_plus(numpy64, x, 2, 30_000, seed=1)[:, :, 0]
    for first, odds in ((0.0, {1.0: 1, 3.0: 9}), (1.0, {0.0: 1, 3.0: 4}), (3.0, {0.0: 9, 1.0: 4})):
        seconds = starts[starts[:, 0] == first, 1]
        for second, weight in odds.items():
            assert abs((seconds == second).mean() - weight / sum(odds.values())) < 0.02


def test_equal_samples_are_no_trouble(backend):
    assert plus_plus(backend, backend.ones((1, 5, 2)), 3, 2, seed=0).shape == (2, 3, 2)
