"""The kit's cases for windows: every override of them is proved, and a wrong one is found."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.backend import OpsTable
from xpnet.errors import ContractError
from xpnet.ops import REFERENCE
from xpnet.testing import check_ops
from xpnet.testing.ops_cases_windows import WINDOW_SHAPES


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_override_of_windows_is_proved(dtype):
    backend = xn.get_backend("numpy", dtype=dtype)
    names = WINDOW_SHAPES.keys() & backend.ops.accelerated
    assert {"convolution", "convolution_vjp_x", "convolution_vjp_weight", "segment_add"} <= names
    assert check_ops(backend, names).cases.keys() == names


def test_cases_are_of_known_primitives():
    assert WINDOW_SHAPES.keys() <= REFERENCE.keys()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        # The classic error of a scatter through repeated indices: the last one wins.
        ("segment_add", lambda ids, values, count: overwritten(ids, values, count)),
        ("patches_vjp", lambda dy, over, sizes: np.zeros((*dy.shape[: -1 - len(over)], *sizes, 2), dy.dtype)),
    ],
)
def test_a_wrong_override_is_found(monkeypatch, name, wrong):
    backend = xn.get_backend("numpy", dtype="float64")
    monkeypatch.setattr(backend, "ops", OpsTable({**vars(backend.ops), name: wrong}, frozenset([name])))
    with pytest.raises(ContractError, match=f"override '{name}'"):
        check_ops(backend, [name])


def overwritten(ids, values, count):
    sums = np.zeros((count, values.shape[-1]), values.dtype)
    sums[ids.reshape(-1)] = values.reshape(-1, values.shape[-1])
    return sums
