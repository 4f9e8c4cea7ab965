import numpy as np
import pytest

from xpnet.data.scaling import SCALINGS, fit_scaling, load_scaling
from xpnet.errors import DataError

SAMPLES = np.array([[0.0, 10.0, 5.0], [4.0, 30.0, 5.0], [8.0, 20.0, 5.0]])


def test_standard_gives_zero_mean_and_unit_spread_and_keeps_constants_at_zero():
    scaled = fit_scaling("standard", SAMPLES)(SAMPLES)
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(scaled.std(axis=0), [1, 1, 0], atol=1e-12)


def test_center_keeps_the_ratio_of_the_spreads():
    scaled = fit_scaling("center", SAMPLES)(SAMPLES)
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-12)
    assert scaled[:, 1].std() / scaled[:, 0].std() == pytest.approx(SAMPLES[:, 1].std() / SAMPLES[:, 0].std())


def test_range_maps_the_whole_set_onto_minus_one_to_one():
    scaled = fit_scaling("range", SAMPLES)(SAMPLES)
    assert (scaled.min(), scaled.max()) == (-1, 1)


def test_none_changes_nothing():
    assert (fit_scaling("none", SAMPLES)(SAMPLES) == SAMPLES).all()


@pytest.mark.parametrize("name", sorted(SCALINGS))
def test_state_round_trip_and_dtype(name):
    scaling = fit_scaling(name, SAMPLES)
    again = load_scaling(scaling.state_dict(), (3,))
    single = SAMPLES.astype("float32")
    assert (again(SAMPLES) == scaling(SAMPLES)).all()
    assert scaling(single).dtype == "float32"


@pytest.mark.parametrize("name", sorted(SCALINGS))
def test_equal_samples_do_not_divide_by_zero(name):
    assert np.isfinite(fit_scaling(name, np.full((3, 2), 7.0))(np.full((3, 2), 7.0))).all()


def test_errors_name_both_sides():
    with pytest.raises(DataError, match="unknown scaling 'standart'; did you mean 'standard'"):
        fit_scaling("standart", SAMPLES)
    with pytest.raises(DataError, match=r"event shape \(2,\) cannot be scaled: the run was trained on \(3,\)"):
        fit_scaling("standard", SAMPLES)(SAMPLES[:, :2])
    with pytest.raises(DataError, match=r"shape \(\) or \(3,\); got \{'offset': \(2,\)"):
        load_scaling({"offset": np.zeros(2), "factor": np.ones(())}, (3,))
