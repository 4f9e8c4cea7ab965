import numpy as np
import pytest

from xpnet.errors import DataError
from xpnet.report.meters import Meter, calibrate, confuse, count, energy_gaps, error_reject


@pytest.mark.parametrize("size", [1, 7, 50])
def test_batches_give_what_all_at_once_gives(rng, size):
    energies, desired = rng.standard_normal((50, 4)), rng.integers(4, size=50)
    answered, rejected = energies.argmin(axis=1), rng.random(50) < 0.3
    wrong, p = answered != desired, rng.random(50).round(1)
    measures = {
        count: (answered, desired, rejected),
        confuse: (answered, desired, None, rejected),
        error_reject: (p, wrong),
        energy_gaps: (energies, desired),
        calibrate: (p, ~wrong, 1 - p),
    }
    for measure, arrays in measures.items():
        meter = Meter(measure)
        for start in range(0, 50, size):
            meter.add(*(4 if array is None else array[start : start + size] for array in arrays))
        whole = measure(*(4 if array is None else array for array in arrays))
        for name, value in vars(whole).items():
            np.testing.assert_array_equal(getattr(meter.total, name), value, err_msg=f"{measure.__name__}: {name}")


def test_arguments_may_be_named_and_nothing_is_told_before_the_first_batch():
    meter = Meter(count)
    with pytest.raises(DataError, match=r"the meter of count has seen no batch, so there is nothing to tell; call add"):
        _ = meter.total
    meter.add(answered=np.array([0]), desired=np.array([1]))
    assert meter.total.errors == 1
