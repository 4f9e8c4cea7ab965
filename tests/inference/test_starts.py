"""Restarts: the given start and draws around it, the same for every sample and on every backend."""

import numpy as np
import pytest
from valleys import DoubleWell, Quadratic

import xpnet as xn
from xpnet.inference.descent import descend
from xpnet.inference.landscape import Landscape
from xpnet.inference.starts import starting_points


def test_the_given_start_comes_first_and_all_have_the_same_draws(backend):
    x, start = backend.ones((4, 1, 2)), backend.asarray([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    landscape = Landscape(xn.Euclidean(), [x, None], (2,))
    points = backend.to_numpy(starting_points(landscape, start, 5, 0.5, 0))
    given = np.broadcast_to(backend.to_numpy(start), (4, 3, 2))
    assert points.shape == (5, 4, 3, 2)
    np.testing.assert_array_equal(points[0], given)
    drawn = points[1:] - given
    np.testing.assert_allclose(drawn, np.broadcast_to(drawn[:, :1, :1], drawn.shape), atol=1e-6)
    assert len(np.unique(np.round(drawn[:, 0, 0].ravel(), 4))) == 8
    assert backend.to_numpy(starting_points(landscape, start, 1, 0.5, 0)).shape == (1, 4, 3, 2)


def test_the_best_restart_of_each_sample(numpy64):
    found = descend(DoubleWell(), [None], [[0.9], [-0.9], [0.9]], restarts=20, spread=1.5, tolerance=1e-7)
    np.testing.assert_allclose(found.value, np.full((3, 1), DoubleWell.lowest), atol=1e-7)
    assert found.energies.shape == (20, 3)
    np.testing.assert_array_equal(found.energy, found.energies.min(0))
    assert found.restart[0] == found.restart[2] != found.restart[1]
    np.testing.assert_array_equal(found.energies[found.restart, range(3)], found.energy)


def test_restarts_are_the_same_on_every_backend_and_vary_with_the_seed(numpy64, strict_devices):
    def energies(backend, seed):
        with xn.use_backend(backend):
            found = descend(DoubleWell(), [None], [0.0], restarts=5, steps=0, seed=seed, spread=0.5)
            return np.asarray(backend.to_numpy(found.energies), "float64")

    np.testing.assert_allclose(energies(numpy64, 0), energies(strict_devices[0], 0), rtol=1e-6)
    assert np.all(energies(numpy64, 0)[1:] != energies(numpy64, 1)[1:])
    wide = descend(Quadratic([1.0], [0.0]), [None], [0.0], restarts=2000, steps=0, spread=3.0)
    assert np.mean(2 * wide.energies) == pytest.approx(9.0, rel=0.1)
