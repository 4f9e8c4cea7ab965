"""Matrices with fewer numbers than entries: what they are made of, and what they refuse."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ShapeError
from xpnet.modules import Circulant, LowRank, Transpose
from xpnet.parameters.initializers import fan_in_normal


@pytest.mark.parametrize(
    ("transform", "shapes"),
    [
        (LowRank(2), [(6, 2), (4, 2)]),
        (Transpose(), [(4, 6)]),
    ],
)
def test_sources_of_a_matrix(transform, shapes):
    assert [u.shape for u in transform.source(xn.Parameter((6, 4)))] == shapes


def test_a_low_rank_matrix_starts_with_the_usual_variance(numpy64):
    sources = LowRank(3).source(xn.Parameter((400, 300), fan_in_normal(300)))
    a, b = (xn.State(u.draw(numpy64, 1, k)) for k, u in enumerate(sources))
    w = xn.State()
    LowRank(3).fprop(a, b, w)
    assert np.linalg.matrix_rank(w.x) == 3
    assert w.x.var() * 300 == pytest.approx(1.0, abs=0.1)


def test_a_circulant_is_square_and_made_of_one_column(backend):
    (u,) = Circulant().source(xn.Parameter((4, 4)))
    assert u.shape == (4,)
    with pytest.raises(ShapeError, match=r"square matrices; the parameter has shape \(4, 3\)"):
        Circulant().source(xn.Parameter((4, 3)))


@pytest.mark.parametrize("transform", [LowRank(1), Circulant(), Transpose()], ids=repr)
def test_a_vector_is_no_matrix(transform):
    with pytest.raises(ShapeError, match=r"gives a matrix; the parameter has shape \(4,\)"):
        transform.source(xn.Parameter((4,)))


def test_factors_of_another_rank_are_refused(numpy64):
    with pytest.raises(ShapeError, match=r"right\.x with last axis 2"):
        LowRank(2).fprop(xn.State(np.ones((3, 2))), xn.State(np.ones((3, 1))), xn.State())
