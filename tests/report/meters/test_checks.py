import numpy as np
import pytest

from xpnet.errors import DataError, LabelError, NotFiniteError, ShapeError
from xpnet.report.meters.checks import checked_energies, checked_flags, checked_labels, checked_numbers
from xpnet.report.meters.checks import require_same_length as require


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ([0, 3, 4], r"desired\[1\] is 3, but labels here are 0 to 2; count them from 0"),
        ([0, -1], r"desired\[1\] is -1"),
        ([0.0, 1.0], "desired holds float64, where labels are integers"),
        ([True], "desired holds bool"),
    ],
)
def test_labels_outside_the_set_are_one_error(labels, told):
    with pytest.raises(LabelError, match=told):
        checked_labels("desired", np.array(labels), 3)


def test_labels_of_any_size_and_none_at_all():
    assert checked_labels("answered", np.array([-1, 900], dtype=np.int16), least=-1)[1] == 900
    assert checked_labels("answered", []).dtype == np.int64
    with pytest.raises(LabelError, match=r"answered\[0\] is -2, but labels here are at least -1"):
        checked_labels("answered", [-2], least=-1)


def test_numbers_are_neither_nan_nor_outside():
    assert checked_numbers("confidence", [-np.inf, 0, np.inf]).tolist() == [-np.inf, 0.0, np.inf]
    for bad, told in ((np.nan, "is nan"), (1.5, "is 1.5"), (-0.1, "is -0.1")):
        with pytest.raises(DataError, match=rf"probability\[1\] {told}, but must be a number from 0 to 1"):
            checked_numbers("probability", [0.5, bad], 0.0, 1.0)


def test_flags_are_booleans():
    assert checked_flags("wrong", np.array([True, False])).tolist() == [True, False]
    assert checked_flags("wrong", []).dtype == np.bool_
    with pytest.raises(DataError, match="wrong holds int64, where booleans are needed"):
        checked_flags("wrong", np.array([0, 1]))


def test_energies_are_a_table_without_nan():
    assert checked_energies(np.array([[np.inf, 1.0]], dtype=np.float32)).dtype == np.float64
    with pytest.raises(NotFiniteError, match=r"energies\[1, 2\] is nan"):
        checked_energies(np.array([[0.0, 1.0, 2.0], [np.inf, -1.0, np.nan]]))
    for shape in ((3,), (2, 0), (1, 2, 3)):
        with pytest.raises(ShapeError, match=r"but must be \(N, K\)"):
            checked_energies(np.zeros(shape))


def test_lengths_and_shapes_are_told():
    require(answered=np.zeros(2), desired=np.zeros((2, 5)))
    with pytest.raises(ShapeError, match="answered has 2, desired has 3"):
        require(answered=np.zeros(2), desired=np.zeros(3))
    with pytest.raises(ShapeError, match=r"desired has shape \(1, 1\), but must be \(N,\)"):
        checked_labels("desired", np.zeros((1, 1), int))
