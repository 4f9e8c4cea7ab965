"""Linear modules evaluated as one keep their own parameters."""

import pytest

import xpnet as xn
from xpnet.errors import ShapeError
from xpnet.modules.stacked import StackedLinear


def test_names_and_sharing_are_those_of_the_modules(backend):
    shared = xn.Linear(3, 2)
    store = xn.ParameterStore(StackedLinear([shared, xn.Linear(3, 2), shared]), backend)
    assert store.names == ["0.weight", "0.bias", "1.weight", "1.bias"]
    assert store.aliases() == {"2.weight": "0.weight", "2.bias": "0.bias"}


def test_a_module_that_stands_twice_gets_both_gradients(backend, close):
    shared = xn.Linear(3, 2)
    store = xn.ParameterStore(StackedLinear([shared, shared]), backend)
    x, y = xn.State(backend.ones((4, 1, 3))), xn.State()
    store.machine.fprop(x, y)
    y.accumulate(backend.ones((4, 2, 2)))
    store.machine.bprop(x, y)
    close(shared.weight.dx, [[8.0] * 3] * 2)
    close(shared.bias.dx, [8.0] * 2)


def test_modules_of_different_shape_are_refused():
    with pytest.raises(ShapeError, match="modules of one shape"):
        StackedLinear([xn.Linear(3, 2), xn.Linear(3, 2, bias=False)])
