"""K-means as the start of distance layers and RBF nets."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ShapeError
from xpnet.kmeans import kmeans, place_centres

GROUPS = np.asarray([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])


@pytest.fixture
def samples(rng):
    spreads = np.asarray([0.1, 0.5, 2.0])[:, None, None]
    return (GROUPS[:, None, :] + spreads * rng.normal(size=(3, 200, 2))).reshape(-1, 2)


def test_centres_are_those_of_k_means_in_the_store_too(backend, samples):
    layer = xn.Distance(2, 3)
    store = xn.ParameterStore(layer, backend)
    found = place_centres(layer, samples)
    np.testing.assert_array_equal(store.state_dict()["centres"], backend.to_numpy(found.centres))
    wanted = kmeans(samples, 3, backend=backend).centres
    np.testing.assert_array_equal(backend.to_numpy(found.centres), backend.to_numpy(wanted))


@pytest.mark.parametrize("spread", [1.0, 2.0])
def test_each_bump_is_as_wide_as_its_cluster(backend, samples, spread):
    rbf = xn.Rbf(2, 3)
    xn.ParameterStore(rbf, backend)
    found = place_centres(rbf, samples, spread=spread)
    labels, widths = backend.to_numpy(found.labels), backend.to_numpy(rbf.widths)
    for k in range(3):
        own = samples[labels == k]
        r2 = ((own - own.mean(0)) ** 2).sum(-1).mean()
        assert widths[k] == pytest.approx(1.0 / (spread**2 * r2), rel=1e-4)


def test_a_cluster_of_one_takes_the_mean_width(numpy64):
    rbf = xn.Rbf(1, 2)
    place_centres(rbf, np.asarray([[0.0], [0.0], [2.0], [2.0], [100.0]]))
    assert sorted(rbf.widths.tolist()) == pytest.approx([1.0, 1.25])  # mean square 4/5 over all five samples


def test_all_samples_equal_gives_finite_widths(numpy64):
    rbf = xn.Rbf(1, 2)
    place_centres(rbf, np.ones((5, 1)))
    assert np.isfinite(rbf.widths).all()


def test_a_placed_net_starts_ahead_of_a_random_one(numpy64, samples):
    energies = {}
    for start in ("random", "placed"):
        rbf = xn.Rbf(2, 3, 3)
        trainer = xn.SimpleTrainer(rbf, xn.Euclidean(), xn.ParameterStore(rbf, numpy64, seed=0))
        if start == "placed":
            place_centres(rbf, samples)
        for _ in range(50):
            energies[start] = float(
                trainer.learn_sample(samples, np.repeat(np.arange(3), 200), np.eye(3), learning_rate=0.3)
            )
    assert energies["placed"] < energies["random"] / 2


def test_samples_of_another_width_are_refused(numpy64):
    with pytest.raises(ShapeError, match=r"samples\.x with last axis 2"):
        place_centres(xn.Rbf(2, 3), np.ones((5, 3)))
