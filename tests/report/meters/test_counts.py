import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpnet.errors import DataError, LabelError, ShapeError
from xpnet.report.meters import Counts, count
from xpnet.report.meters.counts import refusals

SAMPLES = st.lists(st.tuples(st.integers(-1, 3), st.integers(0, 3), st.booleans()), max_size=30)


def test_rates_are_shares_of_all_but_one_of_the_accepted():
    counts = Counts(correct=90, errors=6, rejected=4)
    assert (counts.count, counts.correct_rate, counts.error_rate, counts.reject_rate) == (100, 0.9, 0.06, 0.04)
    assert counts.accepted_error_rate == 6 / 96
    assert np.isnan([Counts().error_rate, Counts(rejected=3).accepted_error_rate]).all()
    assert Counts(rejected=3).error_rate == 0.0


@given(SAMPLES)
def test_every_sample_counts_once(samples):
    answered, desired, rejected = (np.array(column) for column in zip(*samples, strict=True)) if samples else ([],) * 3
    counts = count(answered, desired, rejected)
    by_hand = [("rejected" if r or a < 0 else "correct" if a == d else "errors") for a, d, r in samples]
    assert counts == Counts(*(by_hand.count(name) for name in ("correct", "errors", "rejected")))
    assert counts.count == len(samples)


def test_without_rejections_only_no_answer_is_one():
    assert count(np.array([-1, 0, 1]), np.array([0, 0, 0])) == Counts(1, 1, 1)
    assert refusals(np.array([-1, 0, 1]), np.array([False, False, True])).tolist() == [True, False, True]


def test_bad_input_is_one_error():
    with pytest.raises(ShapeError, match="answered has 1, desired has 2"):
        count(np.array([0]), np.array([0, 1]))
    with pytest.raises(ShapeError, match="answered has 1, rejected has 2"):
        count(np.array([0]), np.array([0]), np.array([True, False]))
    with pytest.raises(LabelError, match=r"desired\[0\] is -1"):
        count(np.array([0]), np.array([-1]))
    with pytest.raises(DataError, match="rejected holds float64"):
        count(np.array([0]), np.array([0]), np.array([0.5]))
