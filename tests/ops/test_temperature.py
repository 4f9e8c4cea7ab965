"""Derivatives with respect to β against torch, closed forms and exact decimals, down to β = 1e-8 and up to 1e8."""

from decimal import Decimal, getcontext

import numpy as np
import pytest


def exact_slopes(row, beta):
    """dP/dβ, dF/dβ and dF/dβ of the mean form for one row, with 80 digits."""
    getcontext().prec = 80
    beta, row = Decimal(beta), [Decimal(float(x)) for x in row]
    top = max(-beta * x for x in row)
    weights = [(-beta * x - top).exp() if -beta * x - top > -10_000 else Decimal(0) for x in row]
    p = [weight / sum(weights) for weight in weights]
    mean = sum(a * x for a, x in zip(p, row, strict=True))
    entropy = -sum(a * a.ln() for a in p if a > 0)
    softmax = [float(a * (mean - x)) for a, x in zip(p, row, strict=True)]
    return softmax, float(entropy / beta**2), float((entropy - Decimal(len(row)).ln()) / beta**2)


@pytest.mark.parametrize("beta", [1.0, -2.0, 0.03, 1e-3, 1e-8, -1e-8, 30.0, 1e8])
@pytest.mark.parametrize("array", [False, True], ids=["float", "array"])
def test_slopes_are_exact_for_every_beta(backend, close, rng, beta, array):
    x = backend.asarray(rng.uniform(-1, 1, size=5))
    held = backend.to_numpy(x).astype(np.float64)
    given = backend.asarray(beta) if array else beta
    beta = float(given)
    softmax, logsum, mean_form = exact_slopes(held, beta)
    tight = 1 if abs(beta) < 10 else 1e3  # rounding β x moves the exponents by β ulp(x)
    eye = [backend.asarray(row) for row in np.eye(5)]
    got = [backend.to_numpy(backend.ops.softmax_vjp_beta(row, x, given)) for row in eye]
    close(backend.asarray(np.asarray(got)), softmax, factor=4 * tight)
    one = backend.asarray(1.0)
    close(backend.ops.logsum_vjp_beta(one, x, given), logsum, factor=4 * tight)
    close(backend.ops.logsum_squared_vjp_beta(one, x, given), logsum**2, factor=8 * tight)
    close(backend.ops.logsum_vjp_beta(one, x, given, True), mean_form, factor=20 * tight)


def test_mean_form_slope_at_zero_is_minus_half_the_variance(backend, close):
    x = backend.asarray([[1.0, 2.0, 3.0], [4.0, 4.0, 4.0]])
    got = backend.ops.logsum_vjp_beta(backend.ones((2,)), x, backend.asarray(0.0), True)
    close(got, -0.5 * (2 / 3), factor=4)


@pytest.mark.parametrize("beta", [1.0, -0.7])
def test_batches_sum_over_lead_axes(numpy64, torch, rng, beta):
    x, dp, dy = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 3))
    leaf = torch.tensor(beta, dtype=torch.float64, requires_grad=True)
    torch.softmax(-leaf * torch.tensor(x), dim=-1).backward(torch.tensor(dp))
    np.testing.assert_allclose(numpy64.ops.softmax_vjp_beta(dp, x, beta), leaf.grad, rtol=1e-12)
    leaf.grad = None
    (-torch.logsumexp(-leaf * torch.tensor(x), dim=-1) / leaf).backward(torch.tensor(dy))
    np.testing.assert_allclose(numpy64.ops.logsum_vjp_beta(dy, x, beta), leaf.grad, rtol=1e-12)


def test_impossible_answers_do_not_pull(backend, close):
    x = backend.asarray([[1.0, 2.0, np.inf], [np.inf, np.inf, np.inf]])
    two = exact_slopes([1.0, 2.0], 0.5)
    one = backend.asarray(0.5)
    close(backend.ops.logsum_vjp_beta(backend.ones((2,)), x, one), two[1], factor=4)
    dp = backend.asarray([[1.0, 0.0, 5.0], [1.0, 1.0, 1.0]])
    close(backend.ops.softmax_vjp_beta(dp, x, one), two[0][0], factor=4)
    close(backend.ops.softmax_squared_vjp_beta(dp, x, one), two[0][0] ** 2, factor=8)


def test_the_mean_form_without_any_possible_answer_has_no_slope(backend):
    x = backend.asarray(np.full((2, 3), np.inf))
    dy, beta = backend.ones((2,)), backend.asarray(0.7)
    with np.errstate(invalid="ignore"):
        assert float(backend.ops.logsum_vjp_beta(dy, x, beta, mean=True)) == 0.0
