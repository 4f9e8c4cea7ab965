"""LVQ2: no gradient for what is right, nor for what is hopeless."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.losses import Lvq2Loss

ENERGIES = [[1.0, 2.0], [2.0, 2.0], [2.5, 2.0], [9.0, 2.0]]  # right, tied, slightly wrong, hopeless


@pytest.mark.parametrize(
    ("loss", "values", "gradient"),
    [
        (Lvq2Loss(), [0, 0, 0.5, 1.0], [[0, 0], [0, 0], [1, -1], [0, 0]]),
        (Lvq2Loss(limit=3.0), [0, 0, 0.5, 3.0], [[0, 0], [0, 0], [1, -1], [0, 0]]),
        (Lvq2Loss(delta=0.5), [0, 0, 0.5, 1.0], [[0, 0], [0, 0], [1.0, -1.25], [0, 0]]),
    ],
)
def test_by_hand(backend, close, loss, values, gradient):
    energies, label, out = xn.State(backend.asarray(ENERGIES)), xn.State(backend.indices([0] * 4)), xn.State()
    loss.bind(backend).fprop(energies, label, out)
    close(out.x, values)
    out.accumulate(backend.ones((4,)))
    loss.bprop(energies, label, out)
    close(energies.dx, gradient)


def test_the_ratio_of_energies_that_are_not_positive_only_has_a_sign(numpy64):
    energies, out = xn.State(np.asarray([[1.0, 0.0], [0.0, 0.0], [-3.0, -1.0], [1.0, -1.0]])), xn.State()
    loss = Lvq2Loss(delta=0.5)
    loss.fprop(energies, xn.State(np.zeros(4, dtype=int)), out)
    assert out.x.tolist() == [1.0, 0.0, 0.0, 1.0]
