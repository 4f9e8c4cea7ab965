import numpy as np
import pytest

from xpnet.data.answers import Answered
from xpnet.report.quality import confidences, quality

INF = np.inf


@pytest.fixture
def answered(rng):
    energies, desired = rng.standard_normal((80, 4)).astype("float32"), rng.integers(4, size=80)
    energies[np.arange(80), desired] -= 1.0
    return Answered(energies.argmin(axis=1), energies), desired


def test_everything_is_measured_on_the_same_answers(answered):
    answers, desired = answered
    found = quality(answers, desired, beta=2.0)
    errors = int((answers.index != desired).sum())
    assert {int(curve.errors.sum()) for curve in found.curves.values()} == {errors}
    assert list(found.curves) == ["margin", "energy", "probability"]
    assert found.gaps.signs == (80 - errors, 0, errors)
    for beta, calibration in (found.given, found.fitted):
        np.testing.assert_array_equal(calibration.confidence, answers.probability(beta))
        p = answers.probabilities(beta)[np.arange(80), desired]
        np.testing.assert_allclose(calibration.surprisal, -np.log(p), rtol=1e-10)
    assert found.given[0] == 2.0
    assert found.fitted[1].nll < found.given[1].nll


def test_thresholds_of_the_curves_are_bounds_of_rejection(answered):
    answers, desired = answered
    found = quality(answers, desired)
    for name, sign in (("margin", 1), ("energy", -1), ("probability", 1)):
        point = found.curves[name].at_error(0.1)
        rejected = answers.rejected(**{name: sign * point.threshold})
        assert 0 < point.reject_rate == rejected.mean()
        assert (answers.index != desired)[~rejected].mean() == point.accepted_error_rate <= 0.1


def test_no_possible_answer_is_wrong_and_trusted_least():
    answers = Answered(np.array([0, -1, 1]), np.array([[0.0, 1.0], [INF, INF], [INF, -3.0]]))
    assert [values[1] for values in confidences(answers, 1.0).values()] == [-INF] * 3
    found = quality(answers, np.array([1, 0, 1]))
    assert found.curves["margin"].errors.tolist() == [1, 1, 0]
    assert found.gaps.values.tolist() == [1.0, INF, -INF]
    assert found.fitted[0] == 0.0  # of the one sample that tells anything and is wrong
    assert found.given[1].nll == INF


def test_where_no_sample_tells_anything_the_given_beta_stays():
    assert quality(Answered(np.array([1]), np.array([[INF, 0.0]])), np.array([0]), 3.0).fitted[0] == 3.0
    assert quality(Answered(np.array([1]), np.array([[0.0, -INF]])), np.array([1]), 3.0).fitted[0] == 3.0
