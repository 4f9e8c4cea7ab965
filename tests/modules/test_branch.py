"""Plus and Branch: each is the other's pullback."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ShapeError


def test_plus_broadcasts_and_sums_the_gradient_back(backend, close, rng):
    values = [rng.normal(size=shape).astype(backend.dtype_name) for shape in ((2, 1, 3), (4, 3), (3,))]
    inputs, y = [xn.State(backend.asarray(value)) for value in values], xn.State()
    plus = xn.Plus()
    plus.fprop(*inputs, y)
    close(y.x, sum(np.asarray(value, np.float64) for value in values), factor=4)
    y.accumulate(backend.ones((2, 4, 3)))
    plus.bprop(*inputs, y)
    for state, count in zip(inputs, (4, 2, 8), strict=True):
        close(state.dx, np.full(state.x.shape, count))


def test_plus_of_a_wire_with_itself_counts_twice(numpy64):
    x, y = xn.State(np.asarray([3.0])), xn.State()
    plus = xn.Plus()
    plus.fprop(x, x, y)
    assert y.x.tolist() == [6]
    y.accumulate(np.ones(1))
    plus.bprop(x, x, y)
    assert x.dx.tolist() == [2]


def test_plus_of_one_wire_is_the_wire(numpy64):
    x, y = xn.State(np.asarray([3.0])), xn.State()
    xn.Plus().fprop(x, y)
    assert y.x.tolist() == [3]


def test_plus_needs_an_input_and_an_output():
    with pytest.raises(ShapeError, match="Plus expects at least one input and one output; got one state in all"):
        xn.Plus().fprop(xn.State())


def test_branch_adds_the_gradients_of_the_outputs_that_were_used(backend, close):
    branch, x = xn.Branch(3), xn.State(backend.asarray([1.0, 2.0]))
    outputs = [xn.State() for _ in range(3)]
    branch.fprop(x, *outputs)
    outputs[0].accumulate(backend.asarray([1.0, 10.0]))
    outputs[2].accumulate(backend.asarray([2.0, 20.0]))
    outputs[2].accumulate_ddx(backend.asarray([5.0, 5.0]))
    branch.bprop(x, *outputs)
    branch.bbprop(x, *outputs)
    close(x.dx, [3, 30])
    close(x.ddx, [5, 5])


def test_branch_counts_its_outputs():
    with pytest.raises(ShapeError, match=r"Branch\(2\) expects 2 outputs; got 3"):
        xn.Branch(2).fprop(xn.State(np.zeros(1)), xn.State(), xn.State(), xn.State())
    assert repr(xn.Branch(4)) == "Branch(4)"
