"""Squashers and rectifiers against torch's autograd in float64, and in both tails."""

import numpy as np
import pytest

EXTREMES = [-1e30, -1e4, -100.0, -20.0, -1e-30, 0.0, 1e-30, 20.0, 100.0, 1e4, 1e30]


def in_torch(torch, noun, t):
    if noun == "scaled_tanh":
        return 1.7159 * torch.tanh(t * 2 / 3)
    return getattr(torch, noun)(t)


@pytest.mark.parametrize("noun", ["tanh", "scaled_tanh", "sigmoid", "relu"])
def test_value_slope_and_squared_slope_against_torch(backend, close, torch, rng, noun):
    x = backend.asarray(np.concatenate([rng.normal(size=21) * 2, [0.0]]).reshape(2, 11))
    dy = backend.asarray(rng.normal(size=(2, 11)))
    leaf = torch.tensor(np.asarray(backend.to_numpy(x), np.float64), requires_grad=True)
    held = torch.tensor(np.asarray(backend.to_numpy(dy), np.float64))
    wanted = in_torch(torch, noun, leaf)
    slope = torch.autograd.grad(wanted.sum(), leaf)[0]
    ops = backend.ops
    y = getattr(ops, noun)(x)
    close(y, wanted.detach().numpy())
    close(getattr(ops, f"{noun}_vjp")(dy, y), (held * slope).numpy(), factor=2)
    close(getattr(ops, f"{noun}_squared_vjp")(dy, y), (held * slope**2).numpy(), factor=2)


@pytest.mark.parametrize("noun", ["tanh", "scaled_tanh", "sigmoid"])
def test_both_tails_saturate_without_overflow(backend, close, torch, noun):
    x = backend.asarray(EXTREMES)
    held = torch.tensor(np.asarray(backend.to_numpy(x), np.float64))
    close(getattr(backend.ops, noun)(x), in_torch(torch, noun, held).numpy())


def test_sigmoid_keeps_its_relative_accuracy_in_the_lower_tail(backend):
    y = np.asarray(backend.to_numpy(backend.ops.sigmoid(backend.asarray([-30.0, -60.0]))), np.float64)
    np.testing.assert_allclose(y, 1 / (1 + np.exp([30.0, 60.0])), rtol=1e-6)


def test_infinities_and_nan(backend, close):
    x = backend.asarray([-np.inf, np.inf, np.nan])
    close(backend.ops.tanh(x), [-1, 1, np.nan])
    close(backend.ops.sigmoid(x), [0, 1, np.nan])
    close(backend.ops.relu(x), [0, np.inf, np.nan])


def test_the_kink_of_relu_counts_as_flat(backend, close):
    y = backend.ops.relu(backend.asarray([-1.0, 0.0, 2.0]))
    close(backend.ops.relu_vjp(backend.asarray([5.0, 5.0, 5.0]), y), [0, 0, 5])


def test_lecuns_squasher_passes_through_one(numpy64):
    y = numpy64.ops.scaled_tanh(np.asarray([-1.0, 1.0]))
    np.testing.assert_allclose(y, [-0.9999973, 0.9999973], atol=2e-6)
