"""Linear and Bias beyond the contract: closed forms and what a first layer leaves out."""

import numpy as np

import xpnet as xn
from xpnet.ops import REFERENCE


def test_a_product_by_hand(backend, close):
    linear, x, y = xn.Linear(2, 3), xn.State(backend.asarray([1.0, 10.0])), xn.State()
    xn.ParameterStore(linear, backend)
    linear.weight.x = backend.asarray([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    linear.bias.x = backend.asarray([100.0, 200.0, 300.0])
    linear.fprop(x, y)
    close(y.x, [121, 243, 365])
    y.accumulate(backend.asarray([1.0, 0.0, -1.0]))
    linear.bprop(x, y)
    close(x.dx, [-4, -4])
    close(linear.weight.dx, [[1, 10], [0, 0], [-1, -10]])
    close(linear.bias.dx, [1, 0, -1])


def test_a_fixed_input_costs_no_product(numpy64, monkeypatch):
    calls = []
    linear, x, y = xn.Linear(2, 2), xn.State(np.ones((3, 2)), fixed=True), xn.State()
    linear.fprop(x, y)
    counted = {name: getattr(linear.ops, name) for name in REFERENCE}
    counted["linear_vjp_x"] = lambda *args: calls.append(args)
    linear.ops = type(linear.ops)(counted)
    y.accumulate(np.ones((3, 2)))
    linear.bprop(x, y)
    assert not calls
    assert x.dx is None
    assert linear.weight.dx is not None


def test_repr_and_first_values(numpy64):
    assert repr(xn.Linear(3, 5)) == "Linear(3, 5)"
    assert repr(xn.Linear(3, 5, bias=False)) == "Linear(3, 5, bias=False)"
    assert repr(xn.Bias(4)) == "Bias(4)"
    assert xn.Linear(3, 5, bias=False).bias is None
    assert not np.any(xn.Linear(3, 5).bias.x)
    assert np.any(xn.Linear(3, 5).weight.x)
