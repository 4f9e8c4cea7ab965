"""CrossEntropy: the lecture's examples, torch, and the Kullback-Leibler divergence plus an entropy."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ShapeError


def run(cost, *arrays):
    states, energy = [xn.State(np.asarray(a)) for a in arrays], xn.State()
    cost.fprop(*states, energy)
    energy.accumulate(np.ones_like(energy.x))
    cost.bprop(*states, energy)
    return energy.x, [state.dx for state in states]


def test_example_of_the_lecture_and_its_gradient(numpy64):
    energy, (dx, _) = run(xn.CrossEntropy(), -np.log([0.1, 0.1, 0.7, 0.1]), [0.0, 0.0, 1.0, 0.0])
    assert float(energy) == pytest.approx(0.356674944, abs=1e-9)
    np.testing.assert_allclose(dx, [-0.1, -0.1, 0.3, -0.1], rtol=1e-12)


@pytest.mark.parametrize("beta", [1.0, 0.3, -2.0])
def test_against_torch_with_soft_targets(numpy64, torch, rng, beta):
    x, d = rng.normal(size=(3, 4)) * 3, rng.dirichlet(np.ones(4), size=3)
    leaf = torch.tensor(x, requires_grad=True)
    wanted = torch.nn.functional.cross_entropy(-beta * leaf, torch.tensor(d), reduction="none") / beta
    wanted.sum().backward()
    energy, (dx, _) = run(xn.CrossEntropy(beta), x, d)
    np.testing.assert_allclose(energy, wanted.detach(), rtol=1e-12)
    np.testing.assert_allclose(dx, leaf.grad, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("beta", [1.0, 2.5])
def test_exceeds_kullback_leibler_by_the_entropy_of_the_desired(numpy64, rng, special, beta):
    x, d = rng.normal(size=(3, 4)), rng.dirichlet(np.ones(4), size=3)
    energy, _ = run(xn.CrossEntropy(beta), x, d)
    divergence, _ = run(xn.KullbackLeibler(), d, special.softmax(-beta * x, axis=-1))
    np.testing.assert_allclose(energy - divergence / beta, special.entr(d).sum(axis=-1) / beta, rtol=1e-12)


def test_nothing_underflows_and_forbidden_answers_are_told(backend, close):
    x = backend.asarray([[0.0, 1e4], [0.0, 1e30], [np.inf, 1.0], [np.inf, 1.0], [np.inf, np.inf]])
    d = backend.asarray([[0.5, 0.5], [0.0, 1.0], [0.0, 1.0], [0.5, 0.5], [0.5, 0.5]])
    energies, desired, out = xn.State(x), xn.State(d, fixed=True), xn.State()
    cost = xn.CrossEntropy().bind(backend)
    cost.fprop(energies, desired, out)
    values = backend.to_numpy(out.x).astype(np.float64)
    np.testing.assert_allclose(values, [5e3, 1e30, 0.0, np.inf, np.inf], rtol=1e-6)
    out.accumulate(backend.ones((5,)))
    cost.bprop(energies, desired, out)
    assert np.isfinite(backend.to_numpy(energies.dx)).all()


def test_the_target_is_left_alone(numpy64):
    """EBLearn's cross_entropy_energy rescaled its targets in place."""
    d = np.asarray([2.0, 6.0])
    run(xn.CrossEntropy(), np.zeros(2), d)
    assert d.tolist() == [2.0, 6.0]


def test_a_target_of_another_length_is_refused(numpy64):
    with pytest.raises(ShapeError, match="desired"):
        run(xn.CrossEntropy(), np.zeros(3), np.zeros(2))
