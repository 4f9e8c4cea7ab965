"""K-means against scikit-learn from the same start, and the published numbers of the iris data."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import DataError, ShapeError
from xpnet.kmeans import kmeans


@pytest.fixture(scope="module")
def iris():
    datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn is not installed: it brings the iris data")
    return datasets.load_iris().data


@pytest.mark.parametrize(("k", "inertia"), [(1, 681.3706), (2, 152.347952), (3, 78.851441)])
def test_iris_within_cluster_sums_of_squares(backend, iris, k, inertia):
    """R: kmeans(iris[, 1:4], k), the best of 50 starts."""
    assert float(kmeans(iris, k, starts=50, backend=backend).inertia) == pytest.approx(inertia, rel=1e-6)


def test_inertia_is_scikit_learns_from_the_same_start(numpy64, rng):
    """Starts far out leave clusters empty: both then move them in the same way."""
    cluster = pytest.importorskip("sklearn.cluster", reason="scikit-learn is not installed: its KMeans is the oracle")
    relocated = 0
    for trial in range(100):
        count, k, width = rng.integers(6, 80), rng.integers(1, 7), rng.integers(1, 5)
        x, start = rng.normal(size=(count, width)), rng.normal(size=(k, width)) * (1.0 if trial % 2 else 6.0)
        theirs = cluster.KMeans(k, init=start, n_init=1, tol=0.0, max_iter=300).fit(x)
        ours = kmeans(x, k, centres=start)
        assert float(ours.inertia) == pytest.approx(theirs.inertia_, rel=1e-9, abs=1e-12)
        np.testing.assert_array_equal(ours.labels, theirs.labels_)
        first = ((x[:, None, :] - start) ** 2).sum(-1).argmin(-1)
        relocated += len(set(first.tolist())) < k
    assert relocated > 20


def test_inertia_and_labels_are_those_of_the_centres(backend, close, iris):
    found = kmeans(iris, 4, backend=backend)
    squares = ((iris[:, None, :] - backend.to_numpy(found.centres).astype("float64")) ** 2).sum(-1)
    np.testing.assert_array_equal(backend.to_numpy(found.labels), squares.argmin(-1))
    close(found.inertia, squares.min(-1).sum(), 10)


def test_problems_at_once_are_the_problems_one_by_one(numpy64, rng):
    x, starts = rng.normal(size=(4, 50, 3)), rng.normal(size=(4, 5, 3))
    together = kmeans(x, 5, centres=starts)
    assert together.centres.shape == (4, 5, 3)
    for p in range(4):
        alone = kmeans(x[p], 5, centres=starts[p])
        np.testing.assert_array_equal(together.labels[p], alone.labels)
        np.testing.assert_allclose(together.inertia[p], alone.inertia, rtol=1e-12)
    drawn = kmeans(x, 5, starts=5)
    assert (drawn.inertia <= kmeans(x, 5, starts=1).inertia).all()


def test_of_several_given_starts_the_best_counts(numpy64, rng):
    x, starts = rng.normal(size=(50, 2)), rng.normal(size=(6, 4, 2))
    each = [float(kmeans(x, 4, centres=start).inertia) for start in starts]
    assert float(kmeans(x, 4, centres=starts).inertia) == pytest.approx(min(each))
    assert max(each) > min(each)


def test_far_from_the_origin_the_clusters_are_the_same():
    backend = xn.get_backend("numpy", dtype="float32")
    x = np.asarray([[0.0], [0.25], [1.0], [1.25]])
    near, far = kmeans(x, 2, backend=backend), kmeans(x + 4096.0, 2, backend=backend)
    assert float(near.inertia) == float(far.inertia) == 0.0625


def test_as_many_clusters_as_samples_leaves_nothing(numpy64, rng):
    assert float(kmeans(rng.normal(size=(7, 2)), 7).inertia) == pytest.approx(0.0, abs=1e-24)


def test_what_cannot_be_clustered_is_said(numpy64):
    with pytest.raises(DataError, match="k=4 and 3 samples"):
        kmeans(np.ones((3, 2)), 4)
    with pytest.raises(DataError, match="finite samples"):
        kmeans(np.asarray([[np.nan], [1.0]]), 1)
    with pytest.raises(ShapeError, match="got 1 axes"):
        kmeans(np.ones(3), 1)
    with pytest.raises(ShapeError, match=r"shape \(starts or problems, 2, 1\); got \(1, 2, 3\)"):
        kmeans(np.ones((3, 1)), 2, centres=np.ones((2, 3)))
