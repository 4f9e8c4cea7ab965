"""The kit's cases for rows of tables: the overrides are proved, and a wrong one is found."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.backend import OpsTable
from xpnet.errors import ContractError
from xpnet.ops import REFERENCE
from xpnet.testing import check_ops
from xpnet.testing.ops_cases_rows import ROW_SHAPES


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_overrides_are_proved(dtype):
    backend = xn.get_backend("numpy", dtype=dtype)
    assert ROW_SHAPES.keys() <= backend.ops.accelerated & REFERENCE.keys()
    assert check_ops(backend, ROW_SHAPES).cases.keys() == ROW_SHAPES.keys()


def last(ids, values, among):
    """The classic error of a scatter through repeated numbers: one of them wins."""
    place = {number: k for k, number in enumerate(ids.tolist())}
    return np.stack([values[place[number]] for number in among.tolist()]) if len(ids) else values[:0]


def added(x, ids, values):
    x[ids] += values
    return x


@pytest.mark.parametrize(("name", "wrong"), [("sum_rows", last), ("replace_rows", added)])
def test_a_wrong_override_is_found(monkeypatch, name, wrong):
    backend = xn.get_backend("numpy", dtype="float64")
    monkeypatch.setattr(backend, "ops", OpsTable({**vars(backend.ops), name: wrong}, frozenset([name])))
    with pytest.raises(ContractError, match=f"override '{name}'"):
        check_ops(backend, [name])
