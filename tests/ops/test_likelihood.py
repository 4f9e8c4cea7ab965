"""The likelihood of one answer in one go: against SciPy and torch, the parts it is made of, and special values."""

import array_api_compat.numpy as xp
import numpy as np
import pytest

from xpnet.ops import REFERENCE

BETAS = [1.0, 2.5, -1.0, 1e-3]


def on(backend, rows):
    """The rows on the backend, and the float64 values it holds."""
    x = backend.asarray(rows)
    return x, np.asarray(backend.to_numpy(x), np.float64)


@pytest.mark.parametrize("beta", BETAS)
@pytest.mark.parametrize("lead", [(), (1,), (50,), (2, 3)])
def test_against_scipy(backend, close, special, rng, beta, lead):
    x, held = on(backend, rng.normal(size=(*lead, 5)) * 3)
    label = rng.integers(5, size=lead)
    loss, p = backend.ops.likelihood(x, backend.indices(label), beta)
    wanted = -special.log_softmax(-beta * held, axis=-1) / beta
    close(loss, np.take_along_axis(wanted, label[..., None], axis=-1)[..., 0], factor=8)
    close(p, special.softmax(-beta * held, axis=-1), factor=8)


@pytest.mark.parametrize("beta", BETAS)
@pytest.mark.parametrize("lead", [(), (50,), (2, 3)])
def test_the_pullback_against_torch(backend, close, torch, rng, beta, lead):
    x, held = on(backend, rng.normal(size=(*lead, 5)) * 3)
    dloss, dloss_held = on(backend, rng.normal(size=lead))
    label = backend.indices(rng.integers(5, size=lead))
    leaf = torch.tensor(held, requires_grad=True)
    wanted = torch.tensor(backend.to_numpy(label))[..., None]
    energy = -torch.log_softmax(-beta * leaf, dim=-1).gather(-1, wanted)[..., 0] / beta
    energy.backward(torch.tensor(dloss_held))
    _, p = backend.ops.likelihood(x, label, beta)
    close(backend.ops.likelihood_vjp(dloss, x, label, p), leaf.grad.numpy(), factor=8)


@pytest.mark.parametrize(
    ("row", "label", "beta", "loss", "p", "dx"),
    [
        ([np.inf, 1.0, 1.0], 1, 1.0, np.log(2), [0, 0.5, 0.5], [0, 0.5, -0.5]),  # a forbidden rival
        ([np.inf, 1.0, 1.0], 0, 1.0, np.inf, [0, 0.5, 0.5], [0, 0, 0]),  # a forbidden desired answer
        ([np.inf, 1.0, 1.0], 0, -1.0, np.inf, [1, 0, 0], [0, 0, 0]),  # also where it dominates
        ([np.inf, np.inf, np.inf], 2, 1.0, np.inf, [0, 0, 0], [0, 0, 0]),  # nothing is possible
        ([-np.inf, 3.0, 4.0], 0, 1.0, 0, [1, 0, 0], [0, 0, 0]),  # an answer that beats everything
        ([-np.inf, 3.0, 4.0], 1, 1.0, np.inf, [1, 0, 0], [-1, 1, 0]),
        ([1e30, -1e30, 0.0], 1, 1.0, 0, [0, 1, 0], [0, 0, 0]),
        ([0.0, 0.0, 1e30], 3, 1.0, np.nan, [0.5, 0.5, 0], [0, 0, 0]),  # labels that point nowhere
        ([0.0, 0.0, 1e30], -1, 1.0, np.nan, [0.5, 0.5, 0], [0, 0, 0]),
        ([0.0, np.nan, 1.0], 0, 1.0, np.nan, [np.nan] * 3, [np.nan] * 3),
    ],
)
@pytest.mark.parametrize("many", [False, True])
def test_special_values(backend, row, label, beta, loss, p, dx, many):
    """Alone, and as one sample among ordinary ones."""
    rows, labels = [row], [label]
    if many:
        rows, labels = [[0.0, 0.0, 50.0], row], [0, label]
    x, label = backend.asarray(rows), backend.indices(labels)
    found, probability = backend.ops.likelihood(x, label, beta)
    slopes = backend.ops.likelihood_vjp(backend.ones((len(rows),)), x, label, probability)
    for value, wanted in ((found, loss), (probability, p), (slopes, dx)):
        np.testing.assert_allclose(backend.to_numpy(value)[-1], wanted, rtol=1e-6)


def test_slopes_are_exact_where_the_desired_answer_is_nearly_certain(numpy64):
    x, label = np.asarray([[0.0, 30.0], [0.0, 30.0]]), np.asarray([0, 0])
    _, p = numpy64.ops.likelihood(x, label, 1.0)
    dx = numpy64.ops.likelihood_vjp(np.full(2, 3.0), x, label, p)
    np.testing.assert_array_equal(dx, 3.0 * (np.asarray([1.0, 0.0]) - p))


@pytest.mark.parametrize("beta", [1.0, -2.0, 1e8])
def test_it_is_the_surprisal_selected_beside_the_softmax(rng, beta):
    x, label = rng.normal(size=(6, 4)), rng.integers(4, size=6)
    loss, p = REFERENCE["likelihood"](xp, x, label, beta)
    np.testing.assert_array_equal(loss, REFERENCE["select"](xp, REFERENCE["surprisal"](xp, x, beta), label))
    np.testing.assert_array_equal(p, REFERENCE["softmax"](xp, x, beta))
