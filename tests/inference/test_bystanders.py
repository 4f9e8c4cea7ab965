"""Parameters take nothing from inference, and keep what they had."""

import numpy as np
import pytest
from valleys import fitted

import xpnet as xn
from xpnet.inference.bystanders import Bystanders
from xpnet.parameters.initializers import constant
from xpnet.parameters.sparse import SparseParameter


def passes(machine, backend, times=1):
    x, y, energy = xn.State(backend.ones((4, 5))), xn.State(backend.ones((4, 3))), xn.State()
    machine.fprop(x, y, energy)
    energy.accumulate(backend.ones((4,)))
    for _ in range(times):
        machine.bprop(x, y, energy)


def test_a_pending_gradient_survives_bit_for_bit(backend):
    machine = fitted()
    store = xn.ParameterStore(machine, backend)
    passes(machine, backend)
    store["linear.bias"].accumulate_ddx(backend.ones((5,)))
    held = {name: (store[name].dx, store[name].slot) for name in store}
    before = store.gradients()
    with Bystanders(machine) as bystanders:
        assert all(store[name].dx is None and store[name].room is None for name in store)
        passes(machine, backend, 3)
        assert all(store[name].dx is not None for name in store)
        bystanders.forget()
        assert all(store[name].dx is None for name in store)
        passes(machine, backend)
    for name, gradient in before.items():
        assert np.any(gradient != 0)
        np.testing.assert_array_equal(backend.to_numpy(store[name].dx), gradient)
        assert store[name].dx is held[name][0]
        assert store[name].slot is held[name][1]
    assert np.all(backend.to_numpy(store["linear.bias"].ddx) == 1.0)


def test_the_update_afterwards_is_the_one_without(backend):
    """Also where no gradient was pending: in a store with views, an update would find what lies in the slots."""
    updated = []
    for infers in (False, True):
        machine = fitted()
        store = xn.ParameterStore(machine, backend)
        if infers:
            with Bystanders(machine):
                passes(machine, backend)
            assert all(store[name].dx is None for name in store)
        store["linear.bias"].accumulate(backend.ones((5,)))
        xn.Sgd(0.1).update(store)
        updated.append(store.state_dict())
    for name in updated[0]:
        np.testing.assert_array_equal(updated[0][name], updated[1][name])


def test_tied_parameters_too(numpy64):
    machine = xn.Cascade(xn.Linear(3, 3, bias=False), xn.Linear(3, 3, bias=False))
    store = xn.ParameterStore(machine, numpy64)
    store.tie("1.weight", "0.weight", "transpose")
    store["0.weight"].accumulate(np.ones((3, 3)))
    assert len(Bystanders(machine).parameters) == 1
    with Bystanders(machine):
        machine[1].weight.accumulate(np.ones((3, 3)))
    np.testing.assert_array_equal(store["0.weight"].dx, np.ones((3, 3)))


def test_gradients_come_back_after_an_error(numpy64):
    machine = fitted()
    store = xn.ParameterStore(machine, numpy64)
    store["linear.bias"].accumulate(np.ones(5))

    def interrupted():
        with Bystanders(machine):
            passes(machine, numpy64)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    np.testing.assert_array_equal(store["linear.bias"].dx, np.ones(5))
    assert store["linear.weight"].dx is None


def test_rows_that_were_pending_come_back_as_rows(backend):
    """As a whole gradient, they would make the update touch every row."""
    table = SparseParameter((4, 2), constant(1.0))
    holder = xn.modules.Trainable((4, 2))
    holder.value = table
    store = xn.ParameterStore(holder, backend)
    table.accumulate_rows(backend.indices([2, 2]), backend.ones((2, 2)))
    with Bystanders(holder) as bystanders:
        assert not table.touched
        table.accumulate_rows(backend.indices([0]), backend.ones((1, 2)))
        table.accumulate(backend.ones((4, 2)))
        bystanders.forget()
        table.accumulate_rows(backend.indices([1]), backend.ones((1, 2)))
    assert table.touched
    assert not table.whole
    xn.Sgd(0.25).update(store)
    assert store.state_dict()["value"].tolist() == [[1.0, 1.0], [1.0, 1.0], [0.5, 0.5], [1.0, 1.0]]


def test_a_value_first_read_meanwhile_stays(numpy64):
    linear = xn.Linear(2, 2)
    with Bystanders(linear):
        drawn = linear.weight.x
    assert linear.weight.x is drawn
