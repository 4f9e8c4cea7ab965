"""Clamped labels."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import LabelError
from xpnet.modules import Clamp


def clamped(labels, forbidden=np.inf):
    x, y = xn.State(np.asarray([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])), xn.State()
    label = xn.State(np.asarray(labels), fixed=True)
    Clamp(forbidden).fprop(x, label, y)
    y.accumulate(np.ones((3, 2)))
    Clamp(forbidden).bprop(x, label, y)
    return y.x.tolist(), x.dx.tolist()


def test_only_the_label_is_left(numpy64):
    values, dx = clamped([0, 1, 0])
    assert values == [[1.0, np.inf], [np.inf, 4.0], [5.0, np.inf]]
    assert dx == [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]


def test_an_unknown_label_leaves_all(numpy64):
    values, dx = clamped([0, -1, 1], forbidden=0.0)
    assert values == [[1.0, 0.0], [3.0, 4.0], [0.0, 6.0]]
    assert dx == [[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]


def test_a_label_outside_the_label_set_is_an_error(numpy64):
    with pytest.raises(LabelError, match="labels must be between 0 and 1, or negative where unknown; got 9"):
        clamped([0, 9, 1])
    with pytest.raises(LabelError, match="Clamp expects integers as labels; got float64"):
        clamped([0.0, 1.0, 1.0])


def test_no_labels_at_all_are_no_error(numpy64):
    y = xn.State()
    Clamp().fprop(xn.State(np.zeros((0, 2))), xn.State(np.zeros(0, dtype="int64"), fixed=True), y)
    assert y.x.shape == (0, 2)
