"""Logsum: the lecture's numbers, its limits in β, and learning β."""

import math

import numpy as np
import pytest

import xpnet as xn


def free_energy(x, **options):
    out = xn.State()
    xn.Logsum(**options).fprop(xn.State(np.asarray(x)), out)
    return float(out.x)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, 0.592394036),
        ({"beta": 2.0}, 0.928534186),
        ({"beta": math.inf}, 1.0),
        ({"beta": -math.inf}, 3.0),
        ({"beta": -1.0}, 3.407605964),  # scipy.special.logsumexp
        ({"beta": 0.0, "mean": True}, 2.0),
        ({"beta": 1e-8, "mean": True}, 2.0 - 1e-8 / 3),
        ({"beta": 1e8}, 1.0),
    ],
)
def test_known_values(numpy64, options, expected):
    assert free_energy([1.0, 2.0, 3.0], **options) == pytest.approx(expected, rel=1e-9)


def test_the_gradient_is_the_softmax(numpy64):
    x, out = xn.State(np.asarray([1.0, 2.0, 3.0])), xn.State()
    logsum = xn.Logsum()
    logsum.fprop(x, out)
    out.accumulate(np.asarray(2.0))
    logsum.bprop(x, out)
    np.testing.assert_allclose(x.dx, [2 * 0.665240956, 2 * 0.244728471, 2 * 0.090030573], rtol=1e-8)


def test_beta_descends_on_the_free_energy(numpy64):
    """dF/dβ = S/β² is positive, so a step down makes the machine warmer."""
    machine = xn.Logsum(beta=1.0, trainable=True)
    store = xn.ParameterStore(machine, numpy64)
    x, out = xn.State(np.asarray([[1.0, 2.0], [0.0, 0.5]]), fixed=True), xn.State()
    before = []
    for _ in range(5):
        machine.fprop(x, out)
        before.append(float(out.x.sum()))
        out.accumulate(np.ones(2))
        machine.bprop(x, out)
        xn.Sgd(0.05).update(store)
    assert before == sorted(before, reverse=True)
    assert float(store["beta"].x) < 1.0


@pytest.mark.parametrize("trainable", [False, True])
def test_impossible_rows_and_extreme_energies(backend, close, trainable):
    machine = xn.Logsum(trainable=trainable)
    store = xn.ParameterStore(machine, backend)
    x, out = xn.State(backend.asarray([[np.inf, np.inf], [1e30, -1e30], [np.inf, 2.0]])), xn.State()
    machine.fprop(x, out)
    close(out.x, [np.inf, -1e30, 2.0])
    out.accumulate(backend.ones((3,)))
    machine.bprop(x, out)
    close(x.dx, [[0, 0], [0, 1], [0, 1]])
    if trainable:
        close(store["beta"].dx, 0.0)
