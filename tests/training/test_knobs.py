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


class Holder(xn.Module):
    """A module that holds another."""

    def __init__(self, inner):
        self.inner = inner

    def fprop(self, input, output):
        self.inner.fprop(input, output)

    def bprop(self, input, output):
        self.inner.bprop(input, output)


def test_another_module_inside(numpy64):
    outer = Holder(xn.Tanh())
    knobs = Knobs([outer])
    before = knobs.now()
    outer.inner = xn.Softmax()
    after = knobs.now()
    assert after != before
    outer.inner.beta = 3.0  # of the new one
    assert knobs.now() not in (before, after)
    outer.inner.beta = 1.0
    assert knobs.now() == after


def test_a_module_that_stands_in_many_places_counts_once():
    shared = xn.Softmax()
    assert len(Knobs([xn.Cascade(shared, shared), shared]).now()) == len(Knobs([xn.Cascade(shared, shared)]).now())


def test_what_is_a_module():
    assert is_module(xn.Linear)
    assert is_module(Clamp)
    assert not is_module(int)
    assert not is_module(xn.Parameter)
