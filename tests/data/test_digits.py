import builtins

import numpy as np
import pytest

from xpnet.data.digits import load_digits
from xpnet.errors import DataError


def test_the_real_digits():
    pytest.importorskip("sklearn")
    data = load_digits()
    assert (len(data), data.event_shape, data.label_names) == (1797, (64,), tuple("0123456789"))
    assert (data.samples.min(), data.samples.max()) == (0, 16)
    assert np.bincount(data.labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_without_scikit_learn_the_remedy_is_told(monkeypatch):
    real = builtins.__import__

    def refuse(name, *rest):
        if name.startswith("sklearn"):
            msg = "No module named 'sklearn'"
            raise ImportError(msg)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(DataError, match=r'"digits" needs scikit-learn .*pip install "xpnet\[sklearn\]"'):
        load_digits()
