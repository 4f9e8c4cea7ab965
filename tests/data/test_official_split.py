import numpy as np
import pytest

from xpnet.data.dataset import Dataset
from xpnet.data.official_split import OfficialSplit
from xpnet.errors import DataError


def _part(features=2, names=("a", "b")):
    return Dataset(np.eye(3)[:, :features], np.array([0, 1, 0]), names)


@pytest.mark.parametrize("other", [_part(features=3), _part(names=("a", "c"))])
def test_parts_of_different_data_are_refused(other):
    with pytest.raises(DataError, match=r"the two parts differ: samples \(2,\) and \(\d,\), labels a, b and a, [bc]"):
        OfficialSplit(_part(), other)


def test_the_fingerprint_tells_the_parts_apart():
    some, others = _part(), _part().take(np.array([0, 1]))
    prints = {OfficialSplit(*pair).fingerprint() for pair in ((some, others), (others, some), (some, some))}
    assert len(prints) == 3
