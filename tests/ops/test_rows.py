"""Sums over some rows of a table against np.add.at, and rows replaced against fancy assignment."""

import array_api_compat.numpy as xp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xpnet as xn
from xpnet.ops import REFERENCE


@pytest.mark.parametrize("n", [0, 1, 2, 3, 8, 9, 100])
@pytest.mark.parametrize("row", [(), (3,), (2, 2)], ids=str)
@pytest.mark.parametrize("count", [1, 5, 300])
def test_sums_over_the_places_of_each_number(backend, close, rng, n, row, count):
    ids, values = rng.integers(count, size=n), rng.normal(size=(n, *row)).astype(backend.dtype_name)
    wanted = np.zeros((count, *row))
    np.add.at(wanted, ids, values)
    for among in (ids, np.unique(ids), ids[: n // 2]):
        got = backend.ops.sum_rows(backend.indices(ids), backend.asarray(values), backend.indices(among))
        close(got, wanted[among], factor=8)
        assert got.dtype == backend.dtype


@pytest.mark.parametrize("n", [0, 1, 4, 40])
@pytest.mark.parametrize("row", [(), (3,), (2, 2)], ids=str)
@pytest.mark.parametrize("count", [1, 7])
def test_rows_are_replaced_and_the_others_are_the_same_bits(backend, rng, n, row, count):
    x, new = (rng.normal(size=(count, *row)).astype(backend.dtype_name) for _ in range(2))
    ids = rng.integers(count, size=n)
    given_ids, values = backend.indices(ids), backend.asarray(new[ids])
    got = backend.ops.replace_rows(backend.asarray(x.copy()), given_ids, values)
    wanted = x.copy()
    wanted[ids] = new[ids]
    np.testing.assert_array_equal(backend.to_numpy(got), wanted)
    np.testing.assert_array_equal(backend.to_numpy(given_ids), ids)
    np.testing.assert_array_equal(backend.to_numpy(values), new[ids])


def test_what_is_not_finite_stays_in_its_row(backend):
    ids, values = backend.indices([1, 0, 1, 2]), backend.asarray([np.inf, 1.0, np.nan, 2.0])
    got = backend.to_numpy(backend.ops.sum_rows(ids, values, backend.indices([0, 1, 2])))
    np.testing.assert_array_equal(got, [1.0, np.nan, 2.0])


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-9, 9)), max_size=70))
def test_reference_and_override_give_the_exact_sums_of_whole_numbers(pairs):
    """Whole numbers are added exactly in any order, so that nothing may differ."""
    ids = np.asarray([number for number, _ in pairs], np.int64)
    values = np.asarray([value for _, value in pairs], np.float64)
    wanted = [sum(value for other, value in pairs if other == number) for number in ids]
    assert REFERENCE["sum_rows"](xp, ids, values, ids).tolist() == wanted
    assert xn.get_backend("numpy", dtype="float64").ops.sum_rows(ids, values, ids).tolist() == wanted


def test_the_override_writes_into_the_table_and_sums_float32_in_float64():
    ops = xn.get_backend("numpy", dtype="float32").ops
    x = np.zeros((3, 2), np.float32)
    assert ops.replace_rows(x, np.asarray([1]), np.ones((1, 2), np.float32)) is x
    tenth = np.full(10**5, 0.1, np.float32)
    (got,) = ops.sum_rows(np.zeros(10**5, np.int64), tenth, np.asarray([0]))
    assert got == np.float32(tenth.astype(np.float64).sum())
