"""Softmax and logsum of energies against SciPy, torch and exact decimals, also where numbers become extreme."""

from decimal import Decimal, getcontext

import numpy as np
import pytest

BETAS = [1.0, 2.5, -1.0, -0.3, 1e-8, -1e-8, 1e8, -1e8]
SCALES = [1.0, 1e4, 1e30]


def exact_weights(row, beta):
    """The weights e^{-β (x - m)} of one row of finite energies with 60 digits, and the dominating energy m."""
    getcontext().prec = 60
    terms = [Decimal(-beta) * Decimal(x) for x in row]
    top = max(terms)
    return [(term - top).exp() if term - top > -10_000 else Decimal(0) for term in terms], top


def exact_logsum(row, beta):
    weights, top = exact_weights(row, beta)
    return float(-(top + sum(weights).ln()) / Decimal(beta))


def exact_softmax(row, beta):
    weights, _ = exact_weights(row, beta)
    return [float(weight / sum(weights)) for weight in weights]


def on(backend, rows):
    """The rows on the backend, and the float64 values it holds (rounded to its dtype)."""
    x = backend.asarray(rows)
    return x, np.asarray(backend.to_numpy(x), np.float64)


@pytest.mark.parametrize("beta", BETAS)
@pytest.mark.parametrize("scale", SCALES)
def test_exact_to_rounding_for_every_beta_and_scale(backend, close, rng, beta, scale):
    x, held = on(backend, rng.uniform(-1, 1, size=(6, 5)) * scale)
    tight = abs(beta) * scale <= 10  # beyond, rounding β x alone moves the exponent by more than the tolerance
    close(backend.ops.logsum(x, beta), [exact_logsum(row, beta) for row in held], factor=4)
    close(backend.ops.softmax(x, beta), [exact_softmax(row, beta) for row in held], factor=4 if tight else 2e4)


@pytest.mark.parametrize("beta", [1.0, -2.0, 1e-3])
def test_against_scipy(numpy64, special, rng, beta):
    x = rng.normal(size=(7, 4)) * 50
    np.testing.assert_allclose(numpy64.ops.softmax(x, beta), special.softmax(-beta * x, axis=-1), rtol=1e-12)
    wanted = -special.logsumexp(-beta * x, axis=-1) / beta
    np.testing.assert_allclose(numpy64.ops.logsum(x, beta), wanted, rtol=1e-12)


@pytest.mark.parametrize("beta", [1.0, -2.0, 0.1])
def test_pullbacks_against_torch(backend, close, torch, rng, beta):
    x, held = on(backend, rng.normal(size=(2, 3, 4)) * 3)
    dp, dp_held = on(backend, rng.normal(size=(2, 3, 4)))
    dy, dy_held = on(backend, rng.normal(size=(2, 3)))
    leaf = torch.tensor(held, requires_grad=True)
    torch.softmax(-beta * leaf, dim=-1).backward(torch.tensor(dp_held))
    close(backend.ops.softmax_vjp(dp, backend.ops.softmax(x, beta), beta), leaf.grad.numpy(), factor=4)
    leaf.grad = None
    (-torch.logsumexp(-beta * leaf, dim=-1) / beta).backward(torch.tensor(dy_held))
    close(backend.ops.logsum_vjp(dy, x, beta), leaf.grad.numpy(), factor=4)


@pytest.mark.parametrize("beta", [1.0, -2.0])
def test_squared_pullbacks_against_the_whole_jacobian(backend, close, torch, rng, beta):
    x, held = on(backend, rng.normal(size=4))
    ddp, ddp_held = on(backend, rng.uniform(0.5, 2, size=4))
    dd, dd_held = on(backend, 1.7)
    whole = torch.autograd.functional.jacobian(lambda t: torch.softmax(-beta * t, -1), torch.tensor(held)).numpy()
    close(backend.ops.softmax_squared_vjp(ddp, backend.ops.softmax(x, beta), beta), ddp_held @ whole**2, factor=4)
    row = torch.softmax(-beta * torch.tensor(held), -1).numpy()
    close(backend.ops.logsum_squared_vjp(dd, x, beta), dd_held * row**2, factor=4)


@pytest.mark.parametrize(
    ("row", "beta", "logsum", "softmax"),
    [
        ([np.inf, 1.0, np.inf], 1.0, 1.0, [0, 1, 0]),  # forbidden answers
        ([np.inf, np.inf], 1.0, np.inf, [0, 0]),  # no possible answer: no gradient
        ([-np.inf, 3.0], 1.0, -np.inf, [1, 0]),  # an answer that beats everything
        ([-np.inf, -np.inf, 0.0], 1.0, -np.inf, [0.5, 0.5, 0]),
        ([-np.inf, 2.0], -1.0, 2.0, [0, 1]),  # for β < 0 all is mirrored
        ([-np.inf, -np.inf], -1.0, -np.inf, [0, 0]),
        ([np.inf, 3.0], -1.0, np.inf, [1, 0]),
        ([np.nan, 1.0], 1.0, np.nan, [np.nan, np.nan]),  # NaN must not look like an impossible answer
        ([np.nan, np.inf], 1.0, np.nan, [np.nan, np.nan]),
        ([5.0], 1e-8, 5.0, [1]),  # K = 1
        ([2.0, 2.0, 2.0, 2.0], -1.0, 2.0 + np.log(4.0), [0.25] * 4),
    ],
)
def test_infinities_ties_and_nan(backend, close, row, beta, logsum, softmax):
    x = backend.asarray([row, row])
    close(backend.ops.logsum(x, beta), [logsum] * 2)
    close(backend.ops.softmax(x, beta), [softmax] * 2)
    close(backend.ops.logsum_vjp(backend.ones((2,)), x, beta), [softmax] * 2)


def test_flat_softmax_keeps_forbidden_answers_forbidden(backend, close):
    x = backend.asarray([[1.0, 5.0, np.inf], [np.inf, np.inf, np.inf], [-3.0, -3.0, 4.0]])
    close(backend.ops.softmax(x, 0.0), [[0.5, 0.5, 0], [0, 0, 0], [1 / 3] * 3])


def test_large_beta_tends_to_the_minimum_and_small_beta_to_the_mean(numpy64):
    x = np.asarray([1.0, 2.0, 3.0])
    assert float(numpy64.ops.logsum(x, 1e8)) == 1.0
    assert float(numpy64.ops.logsum(x, -1e8)) == 3.0
    mean_form = float(numpy64.ops.logsum(x, 1e-8)) + np.log(3) / 1e-8
    np.testing.assert_allclose(mean_form, 2.0, atol=1e-6)


def test_an_empty_batch_gives_an_empty_answer(backend):
    assert tuple(backend.ops.logsum(backend.zeros((0, 3)), 1.0).shape) == (0,)
    assert tuple(backend.ops.softmax(backend.zeros((0, 3)), 1.0).shape) == (0, 3)


@pytest.mark.parametrize("beta", [np.inf, -np.inf])
def test_infinite_beta_is_the_hard_limit_and_shares_ties(backend, close, beta):
    x = backend.asarray([[3.0, 1.0, 1.0], [2.0, 2.0, 0.0]]) * (1.0 if beta > 0 else -1.0)
    lowest = np.asarray([1.0, 0.0]) * (1 if beta > 0 else -1)
    p = backend.ops.softmax(x, beta)
    close(backend.ops.logsum(x, beta), lowest)
    close(backend.ops.logsum(x, beta, True), lowest)
    close(p, [[0, 0.5, 0.5], [0, 0, 1]])
    close(backend.ops.softmax_vjp(x, p, beta), np.zeros((2, 3)))
    close(backend.ops.softmax_squared_vjp(x, p, beta), np.zeros((2, 3)))


@pytest.mark.parametrize("beta", [*BETAS, 0.5])
@pytest.mark.parametrize("scale", [1.0, 1e4])
def test_mean_form_is_exact_for_every_beta(backend, close, rng, beta, scale):
    x, held = on(backend, rng.uniform(-1, 1, size=(6, 5)) * scale)
    wanted = []
    for row in held:
        weights, top = exact_weights(row, beta)
        wanted.append(float(-(top + (sum(weights) / 5).ln()) / Decimal(beta)))
    close(backend.ops.logsum(x, beta, True), wanted, factor=4)


def test_mean_form_tends_to_the_mean(backend, close):
    x = backend.asarray([[1.0, 2.0, 3.0], [-5.0, 0.0, 5.0]])
    for beta in (0.0, backend.asarray(0.0)):
        close(backend.ops.logsum(x, beta, True), [2.0, 0.0], factor=4)


@pytest.mark.parametrize("beta", [1.0, -2.0, 1e-8, 1e8])
def test_beta_as_an_array_gives_the_same(backend, close, rng, beta):
    x, _ = on(backend, [[1e30, -1e30, 4.0], [np.inf, 1.0, 2.0], [0.1, 0.2, 0.3]])
    array = backend.asarray(beta)
    beta = float(array)
    for op in (backend.ops.softmax, backend.ops.logsum):
        close(op(x, array), backend.to_numpy(op(x, beta)))


def test_surprisal_is_the_energy_above_the_free_energy(backend, close, special, rng):
    x, held = on(backend, rng.normal(size=(3, 4)) * 100)
    close(backend.ops.surprisal(x, 0.3), -special.log_softmax(-0.3 * held, axis=-1) / 0.3, factor=4)
    extreme = backend.asarray([[np.inf, 1.0], [np.inf, np.inf], [-np.inf, 1.0], [1e30, -1e30]])
    close(backend.ops.surprisal(extreme, 1.0), [[np.inf, 0], [np.inf, np.inf], [0, np.inf], [2e30, 0]])
