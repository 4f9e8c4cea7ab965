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


def test_refusals(backend):
    lookup = xn.Lookup(3, 2)
    xn.ParameterStore(lookup, backend)
    with pytest.raises(PlacementError, match="expects integers"):
        lookup.fprop(xn.State(backend.ones((3,))), xn.State())
    if backend.name == "numpy":
        with pytest.raises(LabelError, match="3 symbols knows 0 … 2; got 1 … 3"):
            lookup.fprop(xn.State(backend.indices([1, 3])), xn.State())
    assert repr(lookup) == "Lookup(3, 2)"
