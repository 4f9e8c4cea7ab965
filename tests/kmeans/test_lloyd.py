"""Lloyd's algorithm: runs do not touch one another, and tiles do not change the answer."""

import numpy as np

from xpnet.kmeans import lloyd as module
from xpnet.kmeans.lloyd import distances_to_own, lloyd


def test_runs_of_a_batch_are_the_runs_alone(backend, close, rng):
    x, starts = backend.asarray(rng.normal(size=(1, 40, 3))), backend.asarray(rng.normal(size=(5, 4, 3)) * 2.0)
    together = lloyd(backend, x, starts, 100)
    for run in range(5):
        alone = lloyd(backend, x, starts[run : run + 1, ...], 100)
        np.testing.assert_array_equal(backend.to_numpy(together.labels[run, :]), backend.to_numpy(alone.labels[0, :]))
        close(together.centres[run, ...], backend.to_numpy(alone.centres[0, ...]), 10)


def test_tiles_of_any_size_give_the_same(numpy64, rng, monkeypatch):
    x, starts = rng.normal(size=(2, 50, 3)), rng.normal(size=(2, 4, 3))
    whole = lloyd(numpy64, x, starts, 100)
    for size in (1, 8 * 7, 8 * 49):
        monkeypatch.setattr(module, "TILE", size)
        tiled = lloyd(numpy64, x, starts, 100)
        np.testing.assert_array_equal(tiled.labels, whole.labels)
        np.testing.assert_allclose(tiled.inertia, whole.inertia, rtol=1e-13)


def test_memory_is_bounded_whatever_the_number_of_samples(numpy64, rng, monkeypatch):
    """No array of samples x centres is ever made in one piece."""
    monkeypatch.setattr(module, "TILE", 1 << 10)
    seen = []
    nearest = module.clusters.nearest
    monkeypatch.setattr(module.clusters, "nearest", lambda xp, x, c: seen.append(x.shape[1]) or nearest(xp, x, c))
    lloyd(numpy64, rng.normal(size=(1, 3000, 2)), rng.normal(size=(1, 16, 2)), 2)
    assert max(seen) * 16 <= 1 << 10
    assert sum(seen) >= 3000


def test_it_ends_at_a_fixed_point_or_after_so_many_iterations(numpy64, rng):
    x, start = rng.normal(size=(1, 60, 2)), rng.normal(size=(1, 5, 2))
    end = lloyd(numpy64, x, start, 1000)
    again = lloyd(numpy64, x, end.centres, 1000)
    np.testing.assert_allclose(again.centres, end.centres, rtol=1e-12)
    early = lloyd(numpy64, x, start, 1)
    assert early.inertia >= end.inertia
    np.testing.assert_allclose(early.inertia, distances_to_own(numpy64, x, early.centres, early.labels).sum(-1))
