"""Modules one after the other, and what cannot stand in a row."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import GraphError


def test_the_first_module_may_have_several_inputs(numpy64):
    machine = xn.Cascade(xn.Euclidean(), xn.Tanh())
    x, y, out = xn.State(np.asarray([1.0, 0.0])), xn.State(np.zeros(2)), xn.State()
    machine.fprop(x, y, out)
    np.testing.assert_allclose(out.x, np.tanh(0.5))
    assert machine.event_ndims == (1, 1)


def test_an_empty_cascade_is_an_error():
    with pytest.raises(GraphError, match="Cascade needs at least one module"):
        xn.Cascade()


@pytest.mark.parametrize(
    ("modules", "text"),
    [
        ((xn.Tanh(), xn.Euclidean()), r"module 1 \(Euclidean\) has 2 inputs and 1 outputs\. Wire it with a Graph"),
        ((xn.Branch(3),), r"module 0 \(Branch\) has 1 inputs and 3 outputs"),
    ],
)
def test_modules_that_need_more_wires_are_named(modules, text):
    with pytest.raises(GraphError, match=text):
        xn.Cascade(*modules)


def test_looks():
    machine = xn.Cascade(xn.Linear(2, 3), xn.Tanh())
    assert repr(machine) == "Cascade(Linear(2, 3), Tanh())"
    assert len(machine) == 2
    assert machine[1] is machine.modules[1]
    assert [name for name, _ in machine.children()] == ["0", "1"]


def test_event_axes_are_found_behind_modules_that_take_any():
    assert xn.Cascade(xn.Tanh(), xn.Relu(), xn.Linear(2, 3)).event_ndims == (1,)
    assert xn.Cascade(xn.Tanh(), xn.Relu()).event_ndims == (None,)


def test_what_is_no_module_is_named_by_its_place():
    with pytest.raises(GraphError, match="Cascade: module 1 must be a module; got the class Tanh: make an instance"):
        xn.Cascade(xn.Linear(2, 2), xn.Tanh)
    with pytest.raises(GraphError, match=r"Cascade: module 0 must be a module; got a list: .*Cascade\(\*modules\)"):
        xn.Cascade([xn.Linear(2, 2), xn.Tanh()])
