"""Square-square and square-exponential loss by hand."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.losses import SquareExponentialLoss, SquareSquareLoss

E = np.exp(1.0)


@pytest.mark.parametrize(
    ("loss", "values", "gradient"),
    [
        (SquareSquareLoss(margin=2.0), [4.0 + 1.0, 1.0], [[4, -2, 0], [2, 0, 0]]),
        (SquareExponentialLoss(gamma=3.0), [4 + 3 / E, 1 + 3 / E**4], [[4, -3 / E, 0], [2, 0, -3 / E**4]]),
    ],
)
def test_by_hand(backend, close, loss, values, gradient):
    energies = xn.State(backend.asarray([[2.0, 1.0, 3.0], [1.0, 5.0, 4.0]]))
    label, out = xn.State(backend.indices([0, 0])), xn.State()
    loss.bind(backend).fprop(energies, label, out)
    close(out.x, values)
    out.accumulate(backend.ones((2,)))
    loss.bprop(energies, label, out)
    close(energies.dx, gradient)
