"""Numbers that callers hand over: whole and positive, or finite and not zero, or told what they are."""

import numpy as np
import pytest

from xpnet.errors import LabelError
from xpnet.training.numbers import inverse_temperature, whole_number


def test_whole_numbers():
    assert [whole_number(value, "top") for value in (1, np.int64(7))] == [1, 7]
    for value in (0, -1, 2.0, True, "3", None):
        with pytest.raises(LabelError, match=f"top is an integer of at least 1; got {value!r}"):
            whole_number(value, "top")


def test_inverse_temperatures():
    assert [inverse_temperature(value) for value in (2, -0.5, np.float32(0.25))] == [2.0, -0.5, 0.25]
    for value in (0, float("nan"), float("inf"), "1", None):
        with pytest.raises(LabelError, match="a finite number other than 0; got"):
            inverse_temperature(value)
