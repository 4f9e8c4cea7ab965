"""Divergences against SciPy and torch, with zeros where logarithms end."""

import numpy as np
import pytest


@pytest.mark.parametrize("beta", [1.0, 0.4, -2.0])
def test_cross_entropy_against_torch(backend, close, torch, rng, beta):
    x, d = backend.asarray(rng.normal(size=(3, 4)) * 4), backend.asarray(rng.dirichlet(np.ones(4), size=3))
    held, desired = (torch.tensor(backend.to_numpy(a).astype(np.float64), requires_grad=True) for a in (x, d))
    wanted = -(desired * torch.log_softmax(-beta * held, dim=-1)).sum(dim=-1) / beta
    wanted.sum().backward()
    close(backend.ops.cross_entropy(x, d, beta), wanted.detach(), factor=4)
    close(backend.ops.cross_entropy_vjp_x(backend.ones((3,)), x, d, beta), held.grad, factor=8)
    close(backend.ops.cross_entropy_vjp_d(backend.ones((3,)), x, beta), desired.grad, factor=4)


def test_log_loss_against_the_logarithm(backend, close, rng):
    p, label = backend.asarray(rng.dirichlet(np.ones(3), size=4)), backend.indices([0, 1, 2, 0])
    held = backend.to_numpy(p).astype(np.float64)[range(4), [0, 1, 2, 0]]
    close(backend.ops.log_loss(p, label, 2.0), -np.log(held) / 2, factor=4)
    slopes = backend.ops.log_loss_vjp(backend.ones((4,)), p, label, 2.0)
    close(backend.xp.sum(slopes, axis=-1), -1 / (2 * held), factor=4)


def test_kullback_leibler_against_scipy(backend, close, special, rng):
    q, p = (backend.asarray(rng.dirichlet(np.ones(4), size=3)) for _ in range(2))
    held = [backend.to_numpy(a).astype(np.float64) for a in (q, p)]
    close(backend.ops.kullback_leibler(q, p), special.rel_entr(*held).sum(axis=-1), factor=20)
    by_q, by_p = backend.ops.kullback_leibler_slopes(q, p)
    close(by_q, np.log(held[0] / held[1]) + 1, factor=4)
    close(by_p, -held[0] / held[1], factor=4)


def test_zero_times_logarithm_of_zero(backend, close):
    q, p = backend.asarray([0.0, 0.5, 0.5]), backend.asarray([0.0, 0.0, 1.0])
    close(backend.ops.kullback_leibler(q, p), np.inf)
    close(backend.ops.kullback_leibler(p, p), 0.0)
    for pair in (backend.ops.kullback_leibler_slopes(q, p), backend.ops.kullback_leibler_curvatures(q, p)):
        assert all(np.isfinite(backend.to_numpy(array)).all() for array in pair)
    assert np.isfinite(backend.to_numpy(backend.ops.log_loss_curvature(backend.ones(()), p, backend.indices(0)))).all()
