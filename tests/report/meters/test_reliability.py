import numpy as np
import pytest

from xpnet.errors import DataError
from xpnet.report.meters.reliability import reliability

calibration = pytest.importorskip("sklearn.calibration", reason="scikit-learn is the oracle here")


@pytest.mark.parametrize("equal", ["width", "count"])
@pytest.mark.parametrize("bins", [1, 4, 10])
@pytest.mark.parametrize("digits", [1, 9])
def test_the_table_is_that_of_scikit_learn(rng, equal, bins, digits):
    confidence = rng.random(300).round(digits)
    right = rng.random(300) < confidence**2
    table = reliability(confidence, right, bins, equal)
    strategy = {"width": "uniform", "count": "quantile"}[equal]
    accuracy, mean = calibration.calibration_curve(right, confidence, n_bins=bins, strategy=strategy)
    np.testing.assert_allclose(table.accuracy, accuracy, rtol=1e-13)
    np.testing.assert_allclose(table.confidence, mean, rtol=1e-13)
    assert table.count.sum() == 300
    slack = 1e-12  # a mean of equal numbers is not always that number
    assert ((table.low - slack <= table.confidence) & (table.confidence <= table.high + slack)).all()


def test_bins_of_equal_count_hold_equally_many(rng):
    assert set(reliability(rng.random(100), np.ones(100, bool), 4, "count").count) == {25}


def test_errors_are_the_mean_and_the_largest_distance():
    confidence = np.array([0.05, 0.15, 0.95, 0.85, 0.9])
    table = reliability(confidence, np.array([True, False, True, True, False]), 2, "width")
    assert table.count.tolist() == [2, 3]
    assert table.mce == pytest.approx(0.4)  # 0.5 beside 0.1
    assert table.ece == pytest.approx(0.4 * 0.4 + 0.6 * (0.9 - 2 / 3))


def test_both_ends_are_in_a_bin_and_no_samples_are_nan():
    assert reliability(np.array([0.0, 1.0]), np.array([False, True]), 15, "width").count.tolist() == [1, 1]
    for equal in ("width", "count"):
        empty = reliability(np.array([]), np.array([], bool), 15, equal)
        assert (len(empty.count), np.isnan(empty.ece), np.isnan(empty.mce)) == (0, True, True)


@pytest.mark.parametrize(("bins", "equal"), [(0, "width"), (3, "size")])
def test_unknown_bins_are_an_error(bins, equal):
    with pytest.raises(DataError, match=f"{bins} bins of equal {equal} were asked for"):
        reliability(np.array([0.5]), np.array([True]), bins, equal)
