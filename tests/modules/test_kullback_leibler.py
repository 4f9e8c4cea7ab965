"""The Kullback-Leibler divergence: SciPy, the lecture's examples, zeros on either side."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ShapeError


def divergence(q, p):
    energy = xn.State()
    xn.KullbackLeibler().fprop(xn.State(np.asarray(q)), xn.State(np.asarray(p)), energy)
    return energy.x


def test_against_scipy_and_not_symmetric(numpy64, special, rng):
    q, p = rng.dirichlet(np.ones(4), size=3), rng.dirichlet(np.ones(4), size=3)
    np.testing.assert_allclose(divergence(q, p), special.rel_entr(q, p).sum(axis=-1), rtol=1e-12)
    assert not np.allclose(divergence(q, p), divergence(p, q))
    np.testing.assert_allclose(divergence(q, q), 0.0, atol=1e-16)


def test_examples_of_the_lecture(numpy64):
    assert float(divergence([0.0, 0, 1, 0], [0.1, 0.1, 0.7, 0.1])) == pytest.approx(0.356674944, abs=1e-9)
    assert float(divergence([0.0, 0, 1, 0], [0.0, 0, 1, 0])) == 0.0


def test_zeros_on_either_side(backend, close):
    q = xn.State(backend.asarray([[0.0, 1.0], [0.5, 0.5], [0.0, 1.0]]))
    p = xn.State(backend.asarray([[0.0, 1.0], [0.0, 1.0], [0.5, 0.5]]))
    energy, cost = xn.State(), xn.KullbackLeibler().bind(backend)
    cost.fprop(q, p, energy)
    close(energy.x, [0.0, np.inf, np.log(2.0)])
    energy.accumulate(backend.ones((3,)))
    energy.accumulate_ddx(backend.ones((3,)))
    cost.bprop(q, p, energy)
    cost.bbprop(q, p, energy)
    close(p.dx, [[0, -1], [0, -0.5], [0, -2]])
    close(q.dx, [[0, 1], [0, np.log(0.5) + 1], [0, np.log(2.0) + 1]])
    assert all(np.isfinite(backend.to_numpy(state.ddx)).all() for state in (q, p))


def test_a_length_that_does_not_fit_is_refused(numpy64):
    with pytest.raises(ShapeError, match="last axis 3"):
        divergence(np.ones(3), np.ones(2))
