"""Softmax: the lecture's numbers and exercise, its limits in β, and learning β."""

import math

import numpy as np
import pytest

import xpnet as xn


def test_known_values_and_the_exercise_on_the_slide(numpy64):
    x, p = xn.State(np.asarray([1.0, 2.0, 3.0])), xn.State()
    softmax = xn.Softmax(beta=1.0)
    softmax.fprop(x, p)
    np.testing.assert_allclose(p.x, [0.665240956, 0.244728471, 0.090030573], rtol=1e-8)
    for i in range(3):
        x.clear()
        p.clear()
        p.accumulate(np.eye(3)[i])
        softmax.bprop(x, p)
        np.testing.assert_allclose(x.dx, [-p.x[i] * ((i == j) - p.x[j]) for j in range(3)], rtol=1e-14)


@pytest.mark.parametrize(
    ("beta", "expected"),
    [
        (math.inf, [0.5, 0.5, 0.0, 0.0]),
        (-math.inf, [0.0, 0.0, 0.0, 1.0]),  # +∞ is favoured by a negative temperature
        (0.0, [1 / 3, 1 / 3, 1 / 3, 0.0]),
        (1e8, [0.5, 0.5, 0.0, 0.0]),
    ],
)
def test_limits_of_beta(backend, close, beta, expected):
    x, p = xn.State(backend.asarray([1.0, 1.0, 3.0, np.inf])), xn.State()
    softmax = xn.Softmax(beta)
    softmax.fprop(x, p)
    close(p.x, expected)
    p.accumulate(backend.asarray([1.0, 2.0, 3.0, 4.0]))
    softmax.bprop(x, p)
    if not 0 < abs(beta) < math.inf:
        close(x.dx, [0.0] * 4)


def test_a_learned_beta_sharpens_what_is_right(numpy64):
    """MAP/MLE through softmax and log: the energies are right, so β should grow."""
    machine = xn.Cascade(xn.Softmax(beta=0.1, trainable=True))
    store = xn.ParameterStore(machine, numpy64)
    cost, label = xn.LogLoss().bind(numpy64), xn.State(np.asarray([0, 1]), fixed=True)
    x, p, energy = xn.State(np.asarray([[0.0, 1.0, 2.0], [3.0, 0.0, 1.0]]), fixed=True), xn.State(), xn.State()
    for _ in range(50):
        machine.fprop(x, p)
        cost.fprop(p, label, energy)
        energy.accumulate(np.ones(2))
        cost.bprop(p, label, energy)
        machine.bprop(x, p)
        xn.Sgd(0.1).update(store)
    assert float(store[store.names[0]].x) > 1.0
