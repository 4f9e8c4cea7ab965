"""Sums over replicas: equal to broadcasting and its pullback, in every order of parts and layout."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpnet.backend import get_backend
from xpnet.testing import check_ops

SHAPES = [
    [(4, 1, 3), (5, 3), (3,)], [(5, 3), (4, 1, 3)], [(4, 1, 1, 2), (3, 1, 2), (6, 2), (2,)], [(3,), (5, 3)],
    [(4, 1, 3), (4, 5, 3)], [(1, 3), (1, 1, 3)], [(0, 1, 3), (5, 3)],
]  # fmt: skip


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_parts_are_added_as_broadcasting_says(backend, close, rng, shapes):
    parts = [rng.normal(size=shape) for shape in shapes]
    wanted = sum(parts[1:], parts[0])
    close(backend.ops.replicated_sum([backend.asarray(part) for part in parts]), wanted, factor=4)


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_a_gradient_is_summed_over_the_replicas_of_its_part(backend, close, rng, shapes):
    dx = rng.normal(size=np.broadcast_shapes(*shapes))
    for shape in shapes:
        missing = dx.ndim - len(shape)
        stretched = [axis for axis, size in enumerate((1,) * missing + shape) if size != dx.shape[axis]]
        wanted = dx.sum(axis=(*stretched,), keepdims=True).reshape(shape) if dx.size else np.zeros(shape)
        close(backend.ops.replica_sum(backend.asarray(dx), shape), wanted, factor=10)


def test_the_sum_is_in_c_order_whatever_the_parts_are(rng):
    ops = get_backend("numpy", dtype="float64").ops
    turned = np.asfortranarray(rng.normal(size=(10, 50)))
    assert ops.replicated_sum([rng.normal(size=(20, 1, 50)), turned]).flags.c_contiguous


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 4), st.booleans())
def test_sum_and_pullback_are_adjoint(batch, labels, width, turned):
    ops = get_backend("numpy", dtype="float64").ops
    draws = np.random.default_rng(batch + 10 * labels + 100 * width)
    x, y = draws.normal(size=(batch, 1, width)), draws.normal(size=(labels, width))
    x = np.asfortranarray(x) if turned else x
    d = draws.normal(size=(batch, labels, width))
    d = d.swapaxes(0, 1).copy().swapaxes(0, 1) if turned else d
    forward = float((d * ops.replicated_sum([x, y])).sum())
    back = float((x * ops.replica_sum(d, x.shape)).sum() + (y * ops.replica_sum(d, y.shape)).sum())
    assert forward == pytest.approx(back, rel=1e-10, abs=1e-12)


def test_the_fast_forms_keep_the_conformance_kit():
    report = check_ops(get_backend("numpy"), ["replicated_sum", "replica_sum"])
    assert report.cases.keys() == {"replicated_sum", "replica_sum"}
