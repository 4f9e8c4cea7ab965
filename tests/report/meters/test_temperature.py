import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpnet.errors import DataError, LabelError, NotFiniteError
from xpnet.report.meters import fit_beta
from xpnet.report.meters.temperature import surprisals

optimize = pytest.importorskip("scipy.optimize", reason="scipy is the oracle here")
special = pytest.importorskip("scipy.special", reason="scipy is the oracle here")


def _nll(beta, energies, desired):
    return -special.log_softmax(-beta * energies, axis=1)[np.arange(len(desired)), desired].mean()


def _noisy(rng, beta, shape=(400, 5)):
    """Energies, and labels drawn from P(k) ∝ exp(-β E_k)."""
    energies = 3 * rng.standard_normal(shape)
    drawn = special.softmax(-beta * energies, axis=1).cumsum(axis=1) < rng.random((shape[0], 1))
    return energies, np.minimum(drawn.sum(axis=1), shape[1] - 1)


@pytest.mark.parametrize("beta", [0.1, 0.3, 1.0, 4.0])
@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_the_minimum_is_the_one_that_scipy_finds(rng, beta, scale):
    energies, desired = _noisy(rng, beta)
    best = optimize.minimize_scalar(_nll, bracket=(0.1, 1.0), args=(energies, desired), options={"xtol": 1e-12}).x
    assert fit_beta(energies * scale, desired) * scale == pytest.approx(best, rel=1e-6)
    assert best == pytest.approx(beta, abs=0.25 * beta + 0.05)


def test_two_labels_are_logistic_regression_on_their_difference(rng):
    linear_model = pytest.importorskip("sklearn.linear_model", reason="scikit-learn is the oracle here")
    energies, desired = _noisy(rng, 0.5, (500, 2))
    model = linear_model.LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-12, max_iter=1000)
    model.fit((energies[:, :1] - energies[:, 1:]), desired)
    assert fit_beta(energies, desired) == pytest.approx(float(model.coef_[0, 0]), rel=1e-7)


@given(st.integers(0, 2**32), st.integers(2, 6), st.integers(1, 12))
def test_no_other_beta_is_better_and_the_slope_there_is_zero(seed, n_labels, count):
    draws = np.random.default_rng(seed)
    energies, desired = draws.standard_normal((count, n_labels)).round(1), draws.integers(n_labels, size=count)
    beta = fit_beta(energies, desired)
    lowest = _nll(min(beta, 1e4), energies, desired)
    for other in (0.0, 0.5 * beta if beta < np.inf else 1.0, 2 * beta if beta < np.inf else 100.0, 0.3, 3.0):
        assert lowest <= _nll(other, energies, desired) + 1e-12
    if 0 < beta < np.inf:
        p = special.softmax(-beta * energies, axis=1)
        slope = (energies[np.arange(count), desired] - (p * energies).sum(axis=1)).mean()
        assert abs(slope) < 1e-9


@pytest.mark.parametrize("beta", [0.3, 1.0, 4.0])
def test_a_dozen_steps_are_enough(rng, beta, monkeypatch):
    energies, desired = _noisy(rng, beta)
    best = fit_beta(energies, desired)
    monkeypatch.setattr("xpnet.report.meters.temperature.STEPS", 12)
    assert fit_beta(energies, desired) == pytest.approx(best, rel=1e-12)


def test_forbidden_labels_take_no_part(rng):
    energies, desired = _noisy(rng, 0.7)
    wider = np.concatenate([energies, np.full((400, 2), np.inf)], axis=1)
    assert fit_beta(wider, desired) == pytest.approx(fit_beta(energies, desired), rel=1e-12)


def test_one_outlier_among_many_labels_is_no_obstacle(rng):
    energies, desired = _noisy(rng, 0.7)
    energies[0, (desired[0] + 1) % 5] = 1e9
    best = optimize.minimize_scalar(_nll, bracket=(0.1, 1.0), args=(energies, desired), options={"xtol": 1e-12}).x
    assert fit_beta(energies, desired) == pytest.approx(best, rel=1e-6)


def test_the_ends_of_the_line():
    energies = np.array([[0.0, 1.0], [2.0, 1.0]])
    assert fit_beta(energies, np.array([0, 1])) == np.inf  # never wrong: ever surer
    assert fit_beta(energies, np.array([1, 0])) == 0.0  # always wrong
    assert fit_beta(np.array([[0.0, 0.0], [0.0, 1.0]]), np.array([0, 0])) == np.inf  # a tie is not wrong
    assert fit_beta(np.array([[5.0, 5.0], [np.inf, 0.0]]), np.array([0, 1])) == 1.0  # nothing to tell
    assert fit_beta(np.array([[3.0]]), np.array([0])) == 1.0


def test_bad_input_is_one_error():
    for row, told in (
        ([np.nan, 0.0], r"energies\[1, 0\] is nan"),
        ([0.0, -np.inf], "row 1 of the energies holds -inf"),
        ([np.inf, 0.0], r"row 1 of the energies forbids \(\+inf\) the desired label 0"),
    ):
        with pytest.raises(NotFiniteError, match=told):
            fit_beta(np.array([[0.0, 1.0], row]), np.array([0, 0]))
    with pytest.raises(LabelError, match=r"desired\[0\] is 2"):
        fit_beta(np.zeros((1, 2)), np.array([2]))
    with pytest.raises(DataError, match="cannot be fitted to no samples"):
        fit_beta(np.zeros((0, 2)), np.array([], int))


@pytest.mark.parametrize("beta", [-1.0, 0.0, 0.5, 30.0])
def test_surprisals_are_those_of_scipy(rng, beta):
    energies, desired = _noisy(rng, 1.0)
    wanted = -special.log_softmax(-beta * energies, axis=1)[np.arange(400), desired]
    np.testing.assert_allclose(surprisals(energies, desired, beta), wanted, rtol=1e-12, atol=1e-13)


def test_surprisals_of_infinite_energies_and_betas():
    energies = np.array([[0.0, 5000.0, np.inf, 0.0], [np.inf, np.inf, np.inf, np.inf]])
    for beta, wanted in ((1.0, 5000 + np.log(2)), (0.0, np.log(3)), (np.inf, np.inf)):
        found = surprisals(energies, np.array([1, 0]), beta)
        assert found.tolist() == [pytest.approx(wanted), np.inf]
    assert surprisals(energies[:1], np.array([0]), np.inf) == pytest.approx(np.log(2))
    assert surprisals(energies[:1], np.array([2]), 0.0) == np.inf
