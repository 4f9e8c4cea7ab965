"""Lookup: Linear on one-hot vectors, without the product."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import LabelError, PlacementError


def test_it_is_a_linear_on_one_hot_vectors(backend, close, rng):
    lookup, linear = xn.Lookup(5, 3), xn.Linear(5, 3, bias=False)
    for machine in (lookup, linear):
        xn.ParameterStore(machine, backend)
    linear.weight.x = backend.xp.matrix_transpose(lookup.weight.x)
    ids = rng.integers(5, size=(4, 6))
    symbols, one_hot = xn.State(backend.indices(ids), fixed=True), xn.State(backend.asarray(np.eye(5)[ids]))
    one, other = xn.State(), xn.State()
    lookup.fprop(symbols, one)
    linear.fprop(one_hot, other)
    close(one.x, backend.to_numpy(other.x))
    for machine, x, y in ((lookup, symbols, one), (linear, one_hot, other)):
        y.accumulate(one.x)
        machine.bprop(x, y)
    close(lookup.weight.dx, np.asarray(backend.to_numpy(linear.weight.dx)).T, factor=2)


def test_a_symbol_that_does_not_occur_does_not_move(numpy64):
    lookup, y = xn.Lookup(3, 2), xn.State()
    symbols = xn.State(np.asarray([0, 0]), fixed=True)
    lookup.fprop(symbols, y)
    y.accumulate(np.ones((2, 2)))
    lookup.bprop(symbols, y)
    assert lookup.weight.dx.tolist() == [[2, 2], [0, 0], [0, 0]]


@pytest.mark.parametrize("sparse", [False, True])
def test_sparse_or_not_the_gradient_is_the_same_and_only_a_sparse_one_stays_rows(backend, close, rng, sparse):
    lookup, y = xn.Lookup(5, 3, sparse), xn.State()
    xn.ParameterStore(lookup, backend)
    ids, dy = rng.integers(4, size=(2, 3)), rng.normal(size=(2, 3, 3))
    symbols, wanted = xn.State(backend.indices(ids), fixed=True), np.zeros((5, 3))
    lookup.fprop(symbols, y)
    y.accumulate(backend.asarray(dy))
    lookup.bprop(symbols, y)
    np.add.at(wanted, ids, dy)
    close(lookup.weight.dx, wanted)
    assert isinstance(lookup.weight, xn.SparseParameter) == sparse
    if sparse:
        assert (lookup.weight.touched, lookup.weight.whole) == (True, False)
    assert repr(lookup) == f"Lookup(5, 3{', sparse=True' if sparse else ''})"


def test_a_sparse_table_that_is_fed_gives_its_gradient_to_the_wire(numpy64, rng):
    """Where W = G(U), the table is a wire and no parameter: U learns."""
    machine = xn.Reparameterized(xn.Lookup(5, 3, sparse=True), {"weight": xn.Tanh()})
    store = xn.ParameterStore(machine, numpy64)
    x, y = xn.State(np.asarray([4, 4, 1]), fixed=True), xn.State()
    machine.fprop(x, y)
    y.accumulate(np.ones((3, 3)))
    machine.bprop(x, y)
    slopes = 1 - np.tanh(store["weight.u"].x) ** 2
    np.testing.assert_allclose(store["weight.u"].dx, slopes * np.asarray([0, 1, 0, 0, 2])[:, None], rtol=1e-14)


def test_refusals(backend):
    lookup = xn.Lookup(3, 2)
    xn.ParameterStore(lookup, backend)
    with pytest.raises(PlacementError, match="expects integers"):
        lookup.fprop(xn.State(backend.ones((3,))), xn.State())
    if backend.name == "numpy":
        with pytest.raises(LabelError, match="3 symbols knows 0 … 2; got 1 … 3"):
            lookup.fprop(xn.State(backend.indices([1, 3])), xn.State())
    assert repr(lookup) == "Lookup(3, 2)"
