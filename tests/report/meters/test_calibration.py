import numpy as np
import pytest

from xpnet.errors import DataError, ShapeError
from xpnet.report.meters import calibrate

metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is the oracle here")


def test_the_brier_score_is_that_of_scikit_learn(rng):
    confidence, right = rng.random(100), rng.random(100) < 0.7
    assert calibrate(confidence, right).brier == pytest.approx(metrics.brier_score_loss(right, confidence), rel=1e-13)


def test_confidences_that_are_true_have_little_calibration_error(rng):
    confidence = rng.random(20000)
    right = rng.random(20000) < confidence
    honest, boastful = calibrate(confidence, right), calibrate(confidence**0.25, right)
    for equal in ("width", "count"):
        assert honest.reliability(equal=equal).ece < 0.02 < 0.2 < boastful.reliability(equal=equal).ece
        assert honest.reliability(equal=equal).mce < 0.06


def test_the_log_probability_is_told_where_it_is_given():
    assert calibrate(np.array([0.5]), np.array([True])).nll is None
    given = calibrate(np.array([0.5, 0.5]), np.array([True, False]), np.array([0.5, 1.5]))
    assert given.nll == 1.0
    assert calibrate(np.array([1.0]), np.array([False]), np.array([np.inf])).nll == np.inf
    with pytest.raises(DataError, match="give it with all or with none"):
        _ = given + calibrate(np.array([0.5]), np.array([True]))


def test_parts_add_up():
    parts = [calibrate(np.array([p]), np.array([right])) for p, right in ((0.9, True), (0.6, False))]
    assert (parts[0] + parts[1]).brier == pytest.approx((0.01 + 0.36) / 2)
    assert (parts[0] + parts[1]).surprisal is None


def test_no_samples_are_nan():
    empty = calibrate(np.array([]), np.array([], bool), np.array([]))
    assert np.isnan([empty.brier, empty.nll, empty.reliability().ece]).all()


def test_bad_input_is_one_error():
    with pytest.raises(DataError, match=r"probability\[0\] is 1.5, but must be a number from 0 to 1"):
        calibrate(np.array([1.5]), np.array([True]))
    with pytest.raises(DataError, match=r"surprisal\[0\] is -1.0, but must be a number from 0 to inf"):
        calibrate(np.array([0.5]), np.array([True]), np.array([-1.0]))
    with pytest.raises(ShapeError, match="probability has 1, right has 2"):
        calibrate(np.array([0.5]), np.array([True, False]))
    with pytest.raises(ShapeError, match="probability has 1, surprisal has 2"):
        calibrate(np.array([0.5]), np.array([True]), np.array([0.1, 0.1]))
