"""A label axis for replicas."""

import numpy as np

import xpnet as xn
from xpnet.modules import Expand


def test_one_sample_meets_every_label(numpy64):
    x, one, energies = xn.State(np.asarray([[1.0, 2.0], [0.0, 0.0]])), xn.State(), xn.State()
    labels = xn.State(np.eye(2), fixed=True)
    Expand().fprop(x, one)
    xn.Euclidean().fprop(one, labels, energies)
    assert energies.x.shape == (2, 2)
    energies.accumulate(np.ones((2, 2)))
    xn.Euclidean().bprop(one, labels, energies)
    Expand().bprop(x, one)
    np.testing.assert_allclose(x.dx, [[1.0, 3.0], [-1.0, -1.0]])
