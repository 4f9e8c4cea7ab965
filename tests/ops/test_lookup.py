"""Rows of a table against fancy indexing, and their sums against np.add.at."""

import numpy as np
import pytest

from xpnet.errors import LabelError


@pytest.mark.parametrize("lead", [(), (0,), (1,), (7,), (2, 3), (2, 0, 3)], ids=str)
@pytest.mark.parametrize(("count", "features"), [(1, 1), (4, 3), (50, 2)])
def test_rows_and_their_sums(backend, close, rng, lead, count, features):
    weight = rng.normal(size=(count, features)).astype(backend.dtype_name)
    ids = rng.integers(count, size=(1, *lead))[0, ...]
    values = rng.normal(size=(*lead, features)).astype(backend.dtype_name)
    close(backend.ops.lookup(backend.asarray(weight), backend.indices(ids)), weight[ids])
    wanted = np.zeros((count, features))
    np.add.at(wanted, ids, values)
    close(backend.ops.segment_add(backend.indices(ids), backend.asarray(values), count), wanted)


def test_repeated_numbers_add_up(backend, close):
    ids, values = backend.indices([2, 0, 2, 2]), backend.asarray([[1.0], [2.0], [4.0], [8.0]])
    close(backend.ops.segment_add(ids, values, 4), [[2], [0], [13], [0]])


@pytest.mark.parametrize("symbol", [-1, 4])
def test_a_symbol_outside_the_table_is_named_on_the_host(numpy64, symbol):
    with pytest.raises(LabelError, match=r"4 symbols knows 0 … 3; got"):
        numpy64.ops.lookup(np.ones((4, 2)), np.asarray([0, symbol]))
