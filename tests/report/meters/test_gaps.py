import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from xpnet.errors import DataError, LabelError, NotFiniteError, ShapeError
from xpnet.report.meters import Gaps, energy_gaps

INF = np.inf
FINITE = st.floats(min_value=-1e300, max_value=1e300)
VALUES = arrays(float, st.integers(0, 30), elements=FINITE | st.sampled_from([-INF, 0.0, INF]))


def test_the_gap_is_the_energy_above_the_lowest_other(rng):
    energies, desired = rng.standard_normal((100, 5)), rng.integers(5, size=100)
    by_hand = [row[d] - min(np.delete(row, d)) for row, d in zip(energies, desired, strict=True)]
    gaps = energy_gaps(energies, desired)
    np.testing.assert_array_equal(gaps.values, by_hand)
    right = int((energies.argmin(axis=1) == desired).sum())
    assert gaps.signs == (right, 0, 100 - right)


@pytest.mark.parametrize(
    ("row", "gap"),
    [
        ([1.0, 1.0], 0.0),
        ([1.0, INF], -INF),
        ([INF, 1.0], INF),
        ([INF, INF], INF),
        ([-INF, 1.0], -INF),
        ([-INF, INF], -INF),
        ([-INF, -INF], 0.0),
        ([1.0, -INF], INF),
        ([INF, -INF], INF),
        ([1.0], -INF),
        ([INF], INF),
    ],
)
def test_infinite_energies_have_gaps(row, gap):
    assert energy_gaps(np.array([row]), np.array([0])).values.tolist() == [gap]


@given(VALUES, st.integers(1, 60))
def test_every_gap_is_counted_once_on_its_side(values, bins):
    gaps = Gaps(values)
    histogram = gaps.histogram(bins)
    assert histogram.counts.sum() + histogram.below + histogram.above == len(values) == sum(gaps.signs)
    assert len(histogram.edges) == len(histogram.counts) + 1 <= bins + 4
    assert 0.0 in histogram.edges
    negative = histogram.counts[histogram.edges[:-1] < 0].sum() + histogram.below
    assert negative == gaps.signs[0]


def test_the_histogram_is_numpys(rng):
    values = rng.normal(-1.0, 1.0, 500)
    histogram = Gaps(values).histogram(20)
    np.testing.assert_array_equal(histogram.counts, np.histogram(values, histogram.edges)[0])
    np.testing.assert_allclose(np.diff(histogram.edges), np.ptp(values) / 20)
    assert histogram.edges[0] <= values.min() < histogram.edges[1]
    assert histogram.edges[-2] <= values.max() < histogram.edges[-1]


def test_gaps_that_are_all_infinite_or_zero_have_a_histogram():
    histogram = Gaps(np.array([-INF, -INF, INF])).histogram()
    assert (histogram.counts.tolist(), histogram.below, histogram.above) == ([0], 2, 1)
    assert Gaps(np.zeros(3)).histogram(5).counts.tolist() == [3]


def test_quantiles_are_gaps_that_occur():
    gaps = Gaps(np.array([-INF, -1.0, 2.0, INF]))
    assert [gaps.quantile(share) for share in (0.0, 0.5, 0.75, 0.76, 1.0)] == [-INF, -1.0, 2.0, INF, INF]
    assert np.isnan(Gaps(np.array([])).quantile(0.5))


def test_bad_input_is_one_error():
    with pytest.raises(NotFiniteError, match=r"energies\[0, 1\] is nan"):
        energy_gaps(np.array([[0.0, np.nan]]), np.array([0]))
    with pytest.raises(LabelError, match=r"desired\[0\] is 2, but labels here are 0 to 1"):
        energy_gaps(np.zeros((1, 2)), np.array([2]))
    with pytest.raises(ShapeError, match="energies has 1, desired has 2"):
        energy_gaps(np.zeros((1, 2)), np.array([0, 0]))
    with pytest.raises(DataError, match="it needs at least 1"):
        Gaps(np.zeros(1)).histogram(0)
    with pytest.raises(DataError, match="shares go from 0 to 1"):
        Gaps(np.zeros(1)).quantile(2.0)
