"""The RBF net of the lecture against torch and JAX, at extremes, and its widths."""

import math

import numpy as np
import pytest

import xpnet as xn
from xpnet.modules.rbf import raw_width


def passed(rbf, x, dy, *, keep=True):
    input, output = xn.State(x), xn.State()
    rbf.fprop(input, output)
    if not keep:
        output.x = output.x + 0.0  # writing x forgets what fprop kept
    output.accumulate(dy)
    output.accumulate_ddx(dy)
    rbf.bprop(input, output)
    rbf.bbprop(input, output)
    return input, output


def gradients(rbf):
    return [getattr(parameter, kind).copy() for _, parameter in rbf.parameters() for kind in ("dx", "ddx")]


@pytest.mark.parametrize("lead", [(), (5,), (2, 3)], ids=str)
def test_formula_and_gradients_against_torch(torch, numpy64, rng, lead):
    rbf = xn.Rbf(3, 4, out_features=2).bind(numpy64)
    x, dy = rng.normal(size=(*lead, 3)), rng.normal(size=(*lead, 2))
    rbf.raw_widths.x = rng.normal(size=4)
    t, *p = (torch.tensor(v, requires_grad=True) for v in (x, rbf.centres.x, rbf.raw_widths.x, rbf.weight.x))
    widths = torch.nn.functional.softplus(p[1])
    wanted = torch.exp(-widths * ((t[..., None, :] - p[0]) ** 2).sum(-1)) @ p[2].T
    (wanted * torch.tensor(dy)).sum().backward()
    input, output = passed(rbf, x, dy)
    np.testing.assert_allclose(output.x, wanted.detach().numpy(), rtol=1e-12)
    for ours, theirs in zip((input, rbf.centres, rbf.raw_widths, rbf.weight), (t, *p), strict=True):
        np.testing.assert_allclose(ours.dx, theirs.grad.numpy(), rtol=1e-10, atol=1e-13)


def test_second_derivatives_are_squares_of_jaxs_jacobian(jax, rng, numpy64):
    rbf, x, ddy = xn.Rbf(3, 4, out_features=2).bind(numpy64), rng.normal(size=3), rng.normal(size=2)

    def function(x, centres, raw, weight):
        jnp = jax.numpy
        return weight @ jnp.exp(-jax.nn.softplus(raw) * ((x - centres) ** 2).sum(-1))

    point = x, rbf.centres.x, rbf.raw_widths.x, rbf.weight.x
    with jax.enable_x64(True):
        jacobians = [np.asarray(j) for j in jax.jacobian(function, argnums=(0, 1, 2, 3))(*point)]
    input, _ = passed(rbf, x, ddy)
    for state, jacobian in zip((input, rbf.centres, rbf.raw_widths, rbf.weight), jacobians, strict=True):
        np.testing.assert_allclose(state.ddx, np.einsum("o,o...->...", ddy, jacobian**2), rtol=1e-9, atol=1e-14)


def test_the_way_back_needs_nothing_that_fprop_kept(backend, rng):
    x, dy = backend.asarray(rng.normal(size=(5, 3))), backend.asarray(rng.normal(size=(5, 1)))
    one, other = xn.Rbf(3, 4).bind(backend), xn.Rbf(3, 4).bind(backend)
    for parameter, same in zip(dict(one.parameters()).values(), dict(other.parameters()).values(), strict=True):
        same.x = parameter.x
    first, second = passed(one, x, dy)[0], passed(other, x, dy, keep=False)[0]
    for a, b in ((first, second), (one.centres, other.centres), (one.raw_widths, other.raw_widths)):
        np.testing.assert_array_equal(backend.to_numpy(a.dx), backend.to_numpy(b.dx))
        np.testing.assert_array_equal(backend.to_numpy(a.ddx), backend.to_numpy(b.ddx))


@pytest.mark.parametrize("far", [1e4, 1e18])
def test_far_from_all_centres_the_net_is_silent_and_takes_no_gradient(backend, far):
    rbf = xn.Rbf(3, 4).bind(backend)
    input, output = passed(rbf, backend.asarray([[far, -far, far]]), backend.ones((1, 1)))
    assert backend.to_numpy(output.x).tolist() == [[0.0]]
    for state in (input, rbf.centres, rbf.raw_widths, rbf.weight):
        assert not backend.to_numpy(state.dx).any()
        assert not backend.to_numpy(state.ddx).any()


def test_widths_are_positive_whatever_is_learned(backend):
    rbf = xn.Rbf(2, 3).bind(backend)
    rbf.raw_widths.x = backend.asarray([-50.0, 0.0, 1e5])
    widths = backend.to_numpy(rbf.widths)
    assert (widths > 0).all()
    assert np.isfinite(widths).all()


def test_widths_can_be_set_and_start_at_one_over_twice_the_features(backend, close):
    rbf = xn.Rbf(4, 3).bind(backend)
    close(rbf.widths, [0.125] * 3, 5)
    rbf.place_widths(backend.asarray([0.01, 1.0, 300.0]))
    close(rbf.widths, [0.01, 1.0, 300.0], 5)
    assert math.log1p(math.exp(raw_width(0.3))) == pytest.approx(0.3)


def test_one_bump_is_learned_exactly(numpy64):
    """A net with one bump finds centre, width and height of one bump from samples of it."""
    grid = np.linspace(-3.0, 3.0, 61)[:, None]
    wanted = 2.0 * np.exp(-0.8 * (grid - 0.5) ** 2)
    machine = xn.Rbf(1, 1)
    trainer = xn.SimpleTrainer(machine, xn.Euclidean(), xn.ParameterStore(machine, numpy64, seed=0))
    machine.centres.x, machine.weight.x = np.zeros((1, 1)), np.ones((1, 1))
    for _ in range(1500):
        trainer.learn_sample(grid, np.arange(61), wanted, learning_rate=1.0)
    assert [machine.centres.x[0, 0], machine.widths[0], machine.weight.x[0, 0]] == pytest.approx([0.5, 0.8, 2.0], 1e-4)
