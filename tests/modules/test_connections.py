"""Connection tables: what they name, and what they refuse."""

import numpy as np
import pytest

from xpnet.errors import ShapeError
from xpnet.modules.connections import checked_table, connected_normal, places, table_of


def test_a_table_by_output_maps():
    assert table_of([[0], [0, 2]]) == [(0, 0), (0, 1), (2, 1)]


def test_places_point_both_ways():
    pairs = [(2, 0), (0, 1), (2, 1)]
    sources, targets = places(pairs, 3, 2)
    assert sources == [3, 3, 0, 1, 3, 2]
    assert [sources[target] for target in targets] == [0, 1, 2]


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ([(0, 0), (3, 1)], "does not exist"),
        ([(0, 0), (0, 2)], "does not exist"),
        ([(-1, 0), (0, 1)], "does not exist"),
        ([(0, 0), (0, 1), (0, 0)], "twice"),
        ([(0, 1)], r"\[0\] have no connection"),
    ],
)
def test_impossible_tables(table, problem):
    with pytest.raises(ShapeError, match=problem):
        checked_table(table, 3, 2)


def test_first_values_have_the_variance_of_each_output_maps_fan_in():
    pairs = [(0, 0)] + [(k, 1) for k in range(16)]
    weights = connected_normal(pairs, 400)(np.random.default_rng(0), (17, 20, 20))
    assert weights[0].std() == pytest.approx(400**-0.5, rel=0.1)
    assert weights[1:].std() == pytest.approx(6400**-0.5, rel=0.1)
