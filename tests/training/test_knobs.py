"""What a compiled step takes for constant in a machine, and how a change of it is seen."""

import pytest

import xpnet as xn
from xpnet.modules import Clamp
from xpnet.training.knobs import Knobs, is_module


def machine():
    return xn.Cascade(xn.Linear(3, 2), xn.Cascade(xn.Tanh(), xn.Softmax(beta=1.0)))


def test_nothing_changed():
    knobs = Knobs([machine(), xn.Euclidean()])
    assert knobs.now() == knobs.now()
    assert hash(knobs.now()) == hash(knobs.now())


@pytest.mark.parametrize("value", [2.0, 1, True, "1", None, xn.Parameter(())])
def test_a_number_inside(value):
    outer = machine()
    knobs = Knobs([outer])
    before = knobs.now()
    softmax = outer.modules[1].modules[1]
    softmax.beta = value
    assert knobs.now() != before
    softmax.beta = 1.0
    assert knobs.now() == before


def test_another_module_inside(numpy64):
    outer = machine()
    knobs = Knobs([outer])
    before = knobs.now()
    outer.modules = (outer.modules[0], xn.Sigmoid())
    assert knobs.now() != before


def test_a_module_that_stands_in_many_places_counts_once():
    shared = xn.Softmax()
    assert len(Knobs([xn.Cascade(shared, shared), shared]).now()) == len(Knobs([xn.Cascade(shared, shared)]).now())


def test_what_is_a_module():
    assert is_module(xn.Linear)
    assert is_module(Clamp)
    assert not is_module(int)
    assert not is_module(xn.Parameter)
