"""Energy and perceptron loss by hand."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.losses import EnergyLoss, PerceptronLoss

ENERGIES = [[3.0, 1.0, 2.0], [1.0, 1.0, 5.0]]


@pytest.mark.parametrize(
    ("loss", "values", "gradient"),
    [
        (EnergyLoss(), [2.0, 1.0], [[0, 0, 1], [1, 0, 0]]),
        (PerceptronLoss(), [1.0, 0.0], [[0, -1, 1], [0, 0, 0]]),  # a tie: the first lowest is the desired one
    ],
)
def test_by_hand(backend, close, loss, values, gradient):
    energies, label, out = xn.State(backend.asarray(ENERGIES)), xn.State(backend.indices([2, 0])), xn.State()
    loss.bind(backend).fprop(energies, label, out)
    close(out.x, values)
    out.accumulate(backend.ones((2,)))
    loss.bprop(energies, label, out)
    close(energies.dx, gradient)


def test_an_answer_of_minus_infinity_is_infinitely_below_all_others(backend, close):
    energies, label, out = (
        xn.State(backend.asarray([[-np.inf, 1.0]] * 2)),
        xn.State(backend.indices([0, 1])),
        xn.State(),
    )
    PerceptronLoss().bind(backend).fprop(energies, label, out)
    close(out.x, [0.0, np.inf])


def test_margins_as_stated():
    assert EnergyLoss.margin is None
    assert PerceptronLoss.margin == 0.0
