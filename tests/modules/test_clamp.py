"""Clamped labels."""

import numpy as np

import xpnet as xn
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
