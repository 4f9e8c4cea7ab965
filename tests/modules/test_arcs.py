"""The arcs of a trellis with a plus module are a linear map of a semiring."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ShapeError
from xpnet.modules import Arcs, Logsum, Min, Sum


@pytest.mark.parametrize(
    ("along", "plus", "expected"),
    [
        ("product", Sum(), lambda x, w: x @ w),
        ("sum", Logsum(), lambda x, w: -np.log(np.exp(-x) @ np.exp(-w))),
        ("sum", Min(), lambda x, w: (x[:, None] + w).min(0)),
    ],
)
def test_linear_maps_of_three_semirings(numpy64, rng, along, plus, expected):
    x, w = rng.uniform(0.1, 1, size=4), rng.uniform(0.1, 1, size=(4, 3))
    arcs, y = xn.State(), xn.State()
    Arcs(along).fprop(xn.State(x), xn.State(w), arcs)
    plus.fprop(arcs, y)
    np.testing.assert_allclose(y.x, expected(x, w), rtol=1e-12)


def test_transitions_must_start_from_the_states(numpy64):
    with pytest.raises(ShapeError, match="from the K states"):
        Arcs().fprop(xn.State(np.zeros(3)), xn.State(np.zeros((2, 3))), xn.State())


def test_an_unknown_way_along_an_arc():
    with pytest.raises(ShapeError, match=r"'sum', or .* 'product'; got 'max'"):
        Arcs("max")
