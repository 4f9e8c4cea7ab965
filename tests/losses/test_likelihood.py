"""NLL and MEE against torch and the lecture's example."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.losses import MeeLoss, NegativeLogLikelihood


def run(loss, values, label):
    energies, out = xn.State(np.asarray(values)), xn.State()
    loss.fprop(energies, xn.State(np.asarray(label), fixed=True), out)
    out.accumulate(np.ones_like(out.x))
    loss.bprop(energies, xn.State(np.asarray(label), fixed=True), out)
    return out.x, energies.dx


def test_example_of_the_lecture_from_energies(numpy64):
    value, dx = run(NegativeLogLikelihood(), -np.log([0.1, 0.1, 0.7, 0.1]), 2)
    assert float(value) == pytest.approx(0.356674944, abs=1e-9)
    np.testing.assert_allclose(dx, [-0.1, -0.1, 0.3, -0.1], rtol=1e-12)


@pytest.mark.parametrize("beta", [1.0, 0.2, 5.0])
def test_against_torch(numpy64, torch, rng, beta):
    x, label = rng.normal(size=(6, 4)), rng.integers(4, size=6)
    leaf, wanted = torch.tensor(x, requires_grad=True), torch.tensor(label)
    nll = torch.nn.functional.cross_entropy(-beta * leaf, wanted, reduction="none") / beta
    mee = 1 - torch.softmax(-beta * leaf, dim=-1)[torch.arange(6), wanted]
    for loss, energy in ((NegativeLogLikelihood(beta), nll), (MeeLoss(beta), mee)):
        leaf.grad = None
        energy.sum().backward(retain_graph=True)
        value, dx = run(loss, x, label)
        np.testing.assert_allclose(value, energy.detach(), rtol=1e-11)
        np.testing.assert_allclose(dx, leaf.grad, rtol=1e-10, atol=1e-14)


def test_nll_is_the_cross_entropy_of_the_desired_distribution(numpy64, rng):
    x, desired = rng.normal(size=(3, 4)), rng.dirichlet(np.ones(4), size=3)
    energy = xn.State()
    xn.CrossEntropy(0.7).fprop(xn.State(x), xn.State(desired), energy)
    value, _ = run(NegativeLogLikelihood(0.7), x, desired)
    np.testing.assert_allclose(value, energy.x, rtol=1e-13)


def test_nll_is_the_energy_loss_beside_a_logsum(numpy64, rng):
    """L_ll = E(Y) + 1/β log Σ exp(-βE): the desired energy less the free energy of all replicas."""
    x, label = rng.normal(size=(3, 4)), np.asarray([0, 3, 1])
    free = xn.State()
    xn.Logsum(2.0).fprop(xn.State(x), free)
    value, _ = run(NegativeLogLikelihood(2.0), x, label)
    np.testing.assert_allclose(value, x[range(3), label] - free.x, rtol=1e-13)


@pytest.mark.parametrize(
    "loss", [NegativeLogLikelihood(), NegativeLogLikelihood(0.5), MeeLoss(), MeeLoss(3.0)], ids=repr
)
def test_it_is_a_function_of_the_gap_to_the_free_energy(numpy64, rng, loss):
    """g = E(Y) - F, with dg = 1_Y - P."""
    x, label = rng.normal(size=(5, 4)), rng.integers(4, size=5)
    value, dx = run(loss, x, label)
    p = np.exp(-loss.beta * x)
    p /= p.sum(axis=-1, keepdims=True)
    gap = x[range(5), label] + np.log(np.exp(-loss.beta * x).sum(axis=-1)) / loss.beta
    found, slope = loss.of_gap(gap)
    np.testing.assert_allclose(found, value, rtol=1e-12)
    np.testing.assert_allclose(slope[:, None] * (np.eye(4)[label] - p), dx, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("beta", [1.0, -0.5])
def test_the_way_back_computes_again_what_the_loss_no_longer_keeps(numpy64, rng, beta):
    x, label, loss = rng.normal(size=(5, 4)), rng.integers(4, size=5), NegativeLogLikelihood(beta)
    _, wanted = run(loss, x, label)
    energies, out = xn.State(x), xn.State(np.zeros(5))
    out.accumulate(np.ones(5))
    loss.bprop(energies, xn.State(label, fixed=True), out)
    np.testing.assert_allclose(energies.dx, wanted, rtol=1e-13, atol=1e-16)
