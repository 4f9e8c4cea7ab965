"""Energies lowered where an answer is wrong."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import LabelError
from xpnet.machines.augmented import Augmented


def test_wrong_answers_come_nearer_and_unknown_ones_stay(backend):
    x, y = xn.State(backend.asarray(np.zeros((3, 2)))), xn.State()
    Augmented(0.5).bind(backend).fprop(x, xn.State(backend.indices([1, 0, -1]), fixed=True), y)
    assert backend.to_numpy(y.x).tolist() == [[-0.5, 0.0], [0.0, -0.5], [0.0, 0.0]]


def test_forbidden_answers_stay_forbidden(numpy64):
    x, y = xn.State(np.asarray([np.inf, 1.0])), xn.State()
    Augmented(3.0).fprop(x, xn.State(np.asarray(1), fixed=True), y)
    assert y.x.tolist() == [np.inf, 1.0]


def test_labels_are_integers(numpy64):
    with pytest.raises(LabelError, match="Augmented expects integers as labels; got float64"):
        Augmented().fprop(xn.State(np.zeros(2)), xn.State(np.asarray(1.0), fixed=True), xn.State())
