"""Sizes that no module can have."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ShapeError
from xpnet.modules.local import LocalLinear


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: xn.Linear("a", 2), "Linear: in_features is an integer of at least 1; got 'a'"),
        (lambda: xn.Linear(2, 0), "Linear: out_features is an integer of at least 1; got 0"),
        (lambda: xn.Linear(2.0, 2), r"in_features is an integer of at least 1; got 2\.0"),
        (lambda: xn.Linear(True, 2), "in_features is an integer of at least 1; got True"),
        (lambda: xn.Bias(-1), "Bias: features is an integer of at least 1; got -1"),
        (lambda: xn.Rbf(2, 0), "Rbf: n_centres is an integer"),
        (lambda: xn.Distance(2, 1.5), "Distance: n_centres is an integer"),
        (lambda: xn.Convolution(0, 2, 3), "Convolution: in_features is an integer"),
        (lambda: xn.ImageConvolution(1, "6", 5), "ImageConvolution: out_features is an integer"),
        (lambda: xn.Lookup(None, 2), "Lookup: n_symbols is an integer"),
        (lambda: LocalLinear((2,), 0, 1), "LocalLinear: in_features is an integer"),
    ],
)
def test_a_size_is_a_positive_integer(make, text):
    with pytest.raises(ShapeError, match=text):
        make()


def test_integers_of_numpy_are_integers():
    assert xn.Linear(np.int64(3), np.int32(2)).out_features == 2
