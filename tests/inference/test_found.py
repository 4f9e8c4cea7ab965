"""What a descent says of itself, and the best of several."""

import numpy as np
import pytest
from valleys import DoubleWell, Quadratic

import xpnet as xn
from xpnet.errors import ShapeError
from xpnet.inference.descent import descend
from xpnet.inference.found import Descent


def test_starting_points_of_ones_own(numpy64):
    starts = np.asarray([[0.5], [-0.5], [2.0]])
    found = descend(DoubleWell(), [None], starts, tolerance=1e-8)
    assert found.value.shape == (3, 1)
    best = found.lowest()
    assert best.restart == 1
    assert best.energy == found.energy[1] == min(found.energy)
    np.testing.assert_array_equal(best.energies, found.energy)
    np.testing.assert_array_equal(best.value, found.value[1])
    assert (best.steps, best.gradient) == (found.steps[1], found.gradient[1])
    with pytest.raises(ShapeError, match="a single answer"):
        best.lowest()


def test_the_lowest_of_each_column(backend):
    energies = backend.asarray([[3.0, 1.0], [2.0, 5.0], [2.5, 1.0]])
    values = backend.xp.reshape(backend.asarray(np.arange(12.0)), (3, 2, 2))
    numbers = backend.indices([[0, 1], [2, 3], [4, 5]])
    found = Descent(values, energies, numbers > 1, numbers < 1, energies + 1.0, numbers, numbers, energies)
    best = found.lowest()
    shown = {name: backend.to_numpy(value).tolist() for name, value in vars(best).items()}
    assert shown == {
        "value": [[4.0, 5.0], [2.0, 3.0]],
        "energy": [2.0, 1.0],
        "converged": [True, False],
        "stalled": [False, False],
        "gradient": [3.0, 2.0],
        "steps": [2, 1],
        "restart": [1, 0],  # of equals the first
        "energies": [[3.0, 1.0], [2.0, 5.0], [2.5, 1.0]],
    }


def test_summaries(numpy64):
    machine = Quadratic([1.0, 50.0], [0.0, 0.0])
    found = descend(machine, [None], [[0.0, 0.0], [8.0, 3.0]], steps=2)
    assert found.summary() == f"converged 1 of 2, largest gradient {found.gradient.max():.1g}, 0 to 2 steps"
    assert descend(machine, [None], [0.0, 1e-3], steps=1).summary() == "converged 0 of 1, largest gradient 0.05, 1 step"
    empty = descend(xn.Euclidean(), [np.ones((0, 2)), None], np.zeros(2))
    assert empty.summary() == "converged 0 of 0"
