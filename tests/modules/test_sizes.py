"""Sizes that no module can have."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ShapeError
from xpnet.modules.local import LocalLinear


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: xn.Linear("a", 2), "Linear: in_features must be a positive integer; got 'a'"),
        (lambda: xn.Linear(2, 0), "Linear: out_features must be a positive integer; got 0"),
        (lambda: xn.Linear(2.0, 2), r"in_features must be a positive integer; got 2\.0"),
        (lambda: xn.Linear(True, 2), "in_features must be a positive integer; got True"),
        (lambda: xn.Bias(-1), "Bias: features must be a positive integer; got -1"),
        (lambda: xn.Rbf(2, 0), "Rbf: n_centres must be"),
        (lambda: xn.Distance(2, 1.5), "Distance: n_centres must be"),
        (lambda: xn.Convolution(0, 2, 3), "Convolution: in_features must be"),
        (lambda: xn.ImageConvolution(1, "6", 5), "ImageConvolution: out_features must be"),
        (lambda: xn.Lookup(None, 2), "Lookup: n_symbols must be"),
        (lambda: LocalLinear((2,), 0, 1), "LocalLinear: in_features must be"),
    ],
)
def test_a_size_is_a_positive_integer(make, text):
    with pytest.raises(ShapeError, match=text):
        make()


def test_integers_of_numpy_are_integers():
    assert xn.Linear(np.int64(3), np.int32(2)).out_features == 2
