"""Inverse temperatures: finite and not zero, or told what they are."""

import numpy as np
import pytest

from xpnet.errors import LabelError
from xpnet.training.numbers import inverse_temperature


def test_inverse_temperatures():
    assert [inverse_temperature(value) for value in (2, -0.5, np.float32(0.25))] == [2.0, -0.5, 0.25]
    for value in (0, float("nan"), float("inf"), "1", None):
        with pytest.raises(LabelError, match="a finite number other than 0; got"):
            inverse_temperature(value)
