"""Constant matrices and masks as transforms."""

from copy import deepcopy

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ShapeError
from xpnet.modules.linear_map import LinearMap, Masked, sharing


def test_sharing_is_a_matrix_with_one_1_in_each_row():
    matrix = sharing(np.asarray([[0, 2], [2, 1]])).values
    assert matrix.tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 1], [0, 1, 0]]


def test_a_shared_number_gets_the_sum_of_the_gradients_of_its_places(backend, close):
    shared, u, w = (
        sharing(np.asarray([[0, 1], [1, 1]])).bind(backend),
        xn.State(backend.asarray([5.0, 7.0])),
        xn.State(),
    )
    shared.fprop(u, w)
    close(w.x, [[5.0, 7.0], [7.0, 7.0]])
    w.accumulate(backend.asarray([[1.0, 2.0], [3.0, 4.0]]))
    shared.bprop(u, w)
    close(u.dx, [1.0, 9.0])


def test_the_constant_follows_the_module_from_device_to_device(strict_devices):
    first, second = strict_devices
    mask = Masked(np.asarray([0.0, 1.0]))
    for backend in (first, second, first):
        w = xn.State()
        mask.bind(backend).fprop(xn.State(backend.ones((2,))), w)
        assert backend.to_numpy(deepcopy(mask).constant).tolist() == backend.to_numpy(w.x).tolist() == [0.0, 1.0]


def test_shapes_must_fit():
    with pytest.raises(ShapeError, match="has 6 entries"):
        LinearMap(np.ones((5, 2)), (2, 3))
    with pytest.raises(ShapeError, match=r"the parameter has shape \(3, 2\)"):
        LinearMap(np.ones((6, 2)), (2, 3)).source(xn.Parameter((3, 2)))
