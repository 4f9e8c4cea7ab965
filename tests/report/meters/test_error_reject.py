import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpnet.errors import DataError, ShapeError
from xpnet.report.meters import OperatingPoint, error_reject

CONFIDENCES = st.one_of(st.integers(0, 4).map(float), st.floats(allow_nan=False))  # with ties, and without
SAMPLES = st.lists(st.tuples(CONFIDENCES, st.booleans()), min_size=1, max_size=25)


def _columns(samples):
    confidence, wrong = zip(*samples, strict=True)
    return np.array(confidence, float), np.array(wrong, bool)


def _sweep(confidence, wrong):
    """Threshold, rejected, errors of all and of the accepted by trying every confidence as threshold."""
    for threshold in sorted(set(confidence.tolist())):
        accepted = confidence >= threshold
        yield threshold, 1 - accepted.mean(), (wrong & accepted).mean(), wrong[accepted].mean()


@given(SAMPLES)
def test_the_curve_is_that_of_a_brute_sweep(samples):
    confidence, wrong = _columns(samples)
    curve = error_reject(confidence, wrong)
    found = (curve.thresholds, curve.reject_rates, curve.error_rates, curve.accepted_error_rates)
    np.testing.assert_allclose(np.stack(found, axis=1), list(_sweep(confidence, wrong)), rtol=1e-12, atol=1e-12)


@given(SAMPLES)
def test_rejection_rises_and_the_error_of_all_falls(samples):
    curve = error_reject(*_columns(samples))
    assert curve.count == len(samples)
    assert (np.diff(curve.reject_rates) > 0).all()
    assert (np.diff(curve.error_rates) <= 0).all()
    assert (np.diff(curve.thresholds) > 0).all()
    assert curve.reject_rates[0] == 0 <= curve.area() <= 1


@given(SAMPLES, st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]))
def test_the_point_of_an_error_is_the_first_of_the_sweep(samples, rate):
    confidence, wrong = _columns(samples)
    found = error_reject(confidence, wrong).at_error(rate)
    reached = [point for point in _sweep(confidence, wrong) if point[3] <= rate]
    if not reached:
        assert found is None
        return
    assert (found.threshold, found.reject_rate) == (reached[0][0], pytest.approx(reached[0][1], abs=1e-12))
    accepted = confidence >= found.threshold
    assert found.accepted_error_rate == wrong[accepted].mean() <= rate
    np.testing.assert_array_equal(accepted, confidence > found.beyond if not accepted.all() else True)


@given(SAMPLES, st.integers(0, 25))
def test_two_parts_add_up_in_any_order(samples, cut):
    confidence, wrong = _columns(samples)
    whole = error_reject(confidence, wrong)
    parts = [error_reject(confidence[part], wrong[part]) for part in (slice(cut), slice(cut, None))]
    for sum_ in (parts[0] + parts[1], parts[1] + parts[0]):
        for name, values in vars(whole).items():
            np.testing.assert_array_equal(getattr(sum_, name), values)
            assert getattr(sum_, name).dtype == values.dtype


def test_the_area_is_the_mean_error_of_the_most_confident(rng):
    wrong = rng.random(40) < 0.3
    confidence = rng.random(40)
    order = np.argsort(-confidence)
    by_hand = np.mean([wrong[order[:n]].mean() for n in range(1, 41)])
    assert error_reject(confidence, wrong).area() == pytest.approx(by_hand, rel=1e-12)


def test_the_area_with_ties_is_the_mean_over_their_orders(rng):
    confidence, wrong = np.repeat([0.1, 0.5, 0.7], [3, 9, 2]), np.arange(14) % 3 == 0
    drawn = [error_reject(confidence + 1e-6 * rng.random(14), wrong).area() for _ in range(4000)]
    assert error_reject(confidence, wrong).area() == pytest.approx(np.mean(drawn), abs=4 * np.std(drawn) / 4000**0.5)


def test_a_confidence_that_tells_nothing_has_the_error_as_area_and_the_best_has_least():
    wrong = np.arange(10) < 3
    assert error_reject(np.ones(10), wrong).area() == pytest.approx(0.3)
    areas = [error_reject(sign * np.arange(10), wrong).area() for sign in (1, -1)]
    assert areas[0] < 0.3 < areas[1]


def test_one_percent_error_at_some_rejection():
    wrong = np.isin(np.arange(1000), [5, 10, 31, *range(990, 999)])  # 12, of which 9 are confident
    curve = error_reject(np.arange(1000.0), wrong)
    assert curve.at_error(0.01) == OperatingPoint(32.0, 31.0, 0.032, 0.009, 9 / 968)
    assert curve.at_error(0.0) == OperatingPoint(999.0, 998.0, 0.999, 0.0, 0.0)


def test_infinite_confidences_are_confidences():
    curve = error_reject(np.array([np.inf, np.inf, -np.inf, 0.0]), np.array([False, True, True, False]))
    assert curve.thresholds.tolist() == [-np.inf, 0.0, np.inf]
    assert curve.accepted_error_rates.tolist() == [0.5, pytest.approx(1 / 3), 0.5]
    assert curve.at_error(0.5) == OperatingPoint(-np.inf, -np.inf, 0.0, 0.5, 0.5)
    assert curve.at_error(0.1) is None


def test_no_samples_have_no_point_and_no_area():
    curve = error_reject(np.array([]), np.array([], bool))
    assert (curve.count, len(curve.error_rates), curve.at_error(0.0)) == (0, 0, None)
    assert np.isnan(curve.area())


def test_bad_input_is_one_error():
    with pytest.raises(DataError, match=r"confidence\[1\] is nan"):
        error_reject(np.array([0.0, np.nan]), np.array([True, False]))
    with pytest.raises(DataError, match="wrong holds int64"):
        error_reject(np.array([0.0]), np.array([1]))
    with pytest.raises(ShapeError, match="confidence has 1, wrong has 2"):
        error_reject(np.array([0.0]), np.array([True, False]))
    for rate in (1.5, -0.1, np.nan):
        with pytest.raises(DataError, match=r"rates go from 0 to 1; 1 % is 0\.01"):
            error_reject(np.array([0.0]), np.array([True])).at_error(rate)
