"""LogLoss: the lecture's examples, and softmax + switch + log against the negative log-likelihood."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import LabelError
from xpnet.losses import NegativeLogLikelihood


@pytest.mark.parametrize(("p", "expected"), [([0.1, 0.1, 0.7, 0.1], 0.356674944), ([0.0, 0.0, 1.0, 0.0], 0.0)])
def test_examples_of_the_lecture(numpy64, p, expected):
    energy = xn.State()
    xn.LogLoss().fprop(xn.State(np.asarray(p)), xn.State(np.asarray(2), fixed=True), energy)
    assert float(energy.x) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("beta", [1.0, 0.3, 4.0])
def test_softmax_switch_log_is_the_negative_log_likelihood(numpy64, rng, beta):
    values, label = rng.normal(size=(5, 4)), xn.State(np.asarray([0, 1, 2, 3, 0]), fixed=True)
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    graph.output("energy", graph(xn.LogLoss(beta), graph(xn.Softmax(beta), x), y))
    found = []
    for machine in (graph, NegativeLogLikelihood(beta)):
        energies, out = xn.State(values), xn.State()
        machine.fprop(energies, label, out)
        out.accumulate(np.ones(5))
        machine.bprop(energies, label, out)
        found.append((out.x, energies.dx))
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-12)
    np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-10, atol=1e-14)


def test_an_impossible_answer_costs_infinity_and_takes_no_gradient(backend, close):
    p, label, energy = (
        xn.State(backend.asarray([[0.0, 1.0], [0.5, 0.5]])),
        xn.State(backend.indices([0, 2])),
        xn.State(),
    )
    cost = xn.LogLoss().bind(backend)
    cost.fprop(p, label, energy)
    close(energy.x, [np.inf, np.nan])
    energy.accumulate(backend.ones((2,)))
    cost.bprop(p, label, energy)
    close(p.dx, np.zeros((2, 2)))


def test_labels_must_be_integers(numpy64):
    with pytest.raises(LabelError, match="LogLoss expects integers as labels"):
        xn.LogLoss().fprop(xn.State(np.ones(3)), xn.State(np.asarray(1.0)), xn.State())
