"""The home of a machine's parameters: names, look-up, transfer between backends and devices."""

from copy import copy

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import BackendError, GraphError, OutOfMemoryError, ParameterError, PlacementError


def machine():
    return xn.Cascade(xn.Linear(3, 4), xn.Cascade(xn.Tanh(), xn.Bias(4)), xn.Linear(4, 2, bias=False))


def test_names_are_places_in_the_machine(backend):
    store = xn.ParameterStore(machine(), backend)
    assert list(store) == store.names == ["0.weight", "0.bias", "1.1.bias", "2.weight"]
    assert len(store) == 4
    assert store.size == 12 + 4 + 4 + 8
    assert store["1.1.bias"].name == "1.1.bias"


def test_a_machine_without_parameters_has_an_empty_store(backend, layout):
    store = xn.ParameterStore(xn.Cascade(xn.Tanh(), xn.Softmax()), backend, layout=layout)
    assert (len(store), store.size, store.state_dict()) == (0, 0, {})
    xn.Sgd(0.1, inertia=0.5).update(store)


def test_an_unknown_name_suggests_the_nearest(numpy64):
    with pytest.raises(ParameterError, match=r"this machine has no parameter '0\.wieght'; did you mean '0\.weight'"):
        xn.ParameterStore(machine())["0.wieght"]


def test_an_unknown_layout_suggests_the_nearest(numpy64):
    with pytest.raises(ParameterError, match=r"unknown layout 'views' of a store; did you mean 'view'\?"):
        xn.ParameterStore(machine(), layout="views")


def test_repr(numpy64):
    shared = xn.Linear(2, 2, bias=False)
    store = xn.ParameterStore(xn.Cascade(shared, shared))
    assert repr(store) == "ParameterStore(1 parameters, 4 numbers, 1 shared places, NumpyBackend(device='cpu', "\
        "dtype='float64'))"  # fmt: skip


def test_transfer_moves_values_slots_and_machine(backend, layout, rng):
    model = machine()
    store = xn.ParameterStore(model, backend, layout=layout)
    for name in store:
        store[name].accumulate(backend.ones(store[name].shape))
    xn.Sgd(0.1, inertia=0.5).update(store)
    store["0.bias"].accumulate(backend.ones((4,)))
    values, slots = store.state_dict(), store.slots_dict()
    there = xn.get_backend("strict", device="device2", dtype=backend.dtype_name)
    assert store.to(there) is store
    np.testing.assert_equal(store.state_dict(), values)
    np.testing.assert_equal(store.slots_dict(), slots)
    assert store["0.bias"].dx is None
    assert all(store[name].x.device == there.device for name in store)
    y = xn.State()
    model.fprop(xn.State(there.asarray(rng.normal(size=(2, 3)))), y)
    assert y.x.device == there.device


def test_transfer_to_another_dtype(numpy64):
    store = xn.ParameterStore(machine())
    values = store.state_dict()
    store["0.weight"].accumulate(numpy64.ones((4, 3)))
    xn.Sgd(0.0, inertia=0.5).update(store)
    store.to(xn.get_backend("numpy", dtype="float32"))
    assert store["0.weight"].x.dtype == np.float32
    assert (store.slots_dict()["deltas"]["0.weight"] == np.full((4, 3), 0.5, np.float32)).all()
    np.testing.assert_equal(store.state_dict()["0.weight"], values["0.weight"].astype(np.float32))


def test_after_a_transfer_the_old_place_is_an_error(strict_devices):
    first, second = strict_devices
    model = machine()
    xn.ParameterStore(model, first).to(second)
    with pytest.raises(PlacementError, match=r"Linear: weight and input\.x must share .*device2.*device1") as caught:
        model.fprop(xn.State(first.ones((3,))), xn.State())
    assert caught.value.__notes__ == ["in fprop of '0' (Linear) of Cascade; input shapes: (3,)"]


@pytest.mark.parametrize("layout", ["view", "leaf"])
def test_a_newer_store_takes_the_parameters_over_and_the_older_one_says_so(layout):
    machine = xn.Linear(3, 2)
    older = xn.ParameterStore(machine, layout=layout)
    trainer = xn.SimpleTrainer(machine, xn.Euclidean())
    trainer.learn_sample(np.ones(3), 0, np.eye(2), learning_rate=0.1)
    with pytest.raises(ParameterError, match=r"'weight' has moved to a newer ParameterStore .* SimpleTrainer"):
        xn.Sgd(0.1).update(older)


def test_a_store_moves_to_another_device_by_its_name():
    backend = xn.get_backend("strict", device="device1")
    store = xn.ParameterStore(xn.Linear(3, 2), backend)
    assert store.to("device2")["weight"].x.device == xn.get_backend("strict", device="device2").device
    with pytest.raises(BackendError, match="has no device 'device9'"):
        store.to("device9")


@pytest.mark.parametrize("room", range(7))
def test_a_transfer_that_fails_leaves_everything_where_it_was(numpy64, layout, room):
    model = machine()
    store = xn.ParameterStore(model, layout=layout)
    for name in store:
        store[name].accumulate(numpy64.ones(store[name].shape))
    rule = xn.Sgd(0.1, inertia=0.5)
    rule.update(store)
    store["2.weight"].accumulate(numpy64.ones((2, 4)))
    values, slots, arrays = store.state_dict(), store.slots_dict(), store.arrays()
    for move in (store.to, store.scatter):
        with pytest.raises(OutOfMemoryError, match="no room for another"):
            move(full_after(room))
        assert store.backend is model.backend is numpy64
        np.testing.assert_equal(store.state_dict(), values)
        np.testing.assert_equal(store.slots_dict(), slots)
        assert all(one is other for one, other in zip(store.arrays(), arrays, strict=True))
        assert (store["2.weight"].dx == 1).all()
    rule.update(store)
    model.fprop(xn.State(np.ones((2, 3))), xn.State())
    assert all(one is other for one, other in zip(store.arrays(), arrays, strict=True)) is (layout == "view")


def test_tables_and_what_modules_keep_move_or_stay_together(numpy64):
    lookup, maps = xn.Lookup(5, 3, sparse=True), xn.ImageConvolution(2, 3, 2, connections=[(0, 0), (1, 1), (0, 2)])
    model = xn.Cascade(lookup, maps)
    store = xn.ParameterStore(model)
    table = lookup.weight.x
    lookup.weight.accumulate_rows(np.asarray([2]), np.ones((1, 3)))
    backend = full_after(100)
    bring, backend.indices = backend.indices, lambda x: pytest.fail("no room for the connections")
    with pytest.raises(pytest.fail.Exception, match="no room for the connections"):
        store.to(backend)
    assert lookup.weight.x is table
    assert lookup.weight.dx.sum() == 3
    assert maps.backend is lookup.backend is store.backend is numpy64
    backend.indices = bring
    assert store.to(backend)["0.weight"].x.device == backend.device
    assert maps.backend is backend


def full_after(room):
    """A backend on another device, which has room for so many arrays."""
    backend = copy(xn.get_backend("strict", device="device1", dtype="float64"))
    bring, left = backend.asarray, iter(range(room))

    def asarray(value, *dtype):
        if next(left, None) is None:
            msg = "no room for another array"
            raise OutOfMemoryError(msg)
        return bring(value, *dtype)

    backend.asarray = asarray
    return backend


@pytest.mark.parametrize("layout", ["view", "leaf"])
def test_a_value_of_another_dtype_or_device_is_refused(layout):
    linear = xn.Linear(3, 2)
    store = xn.ParameterStore(linear, xn.get_backend("strict", device="device1"), layout=layout)
    for other in (xn.get_backend("strict", device="device2"), xn.get_backend("strict", dtype="float64")):
        with pytest.raises(PlacementError, match=r"parameter 'weight' is .*device1.*; got a value of .*store\.to"):
            store["weight"].x = other.zeros((2, 3))


def test_a_backend_may_be_given_by_its_name():
    assert xn.ParameterStore(machine(), "strict").backend is xn.get_backend("strict")
    with pytest.raises(BackendError, match="unknown backend 'nunpy'; did you mean 'numpy'"):
        xn.ParameterStore(machine(), "nunpy")


def test_a_store_is_of_one_machine():
    with pytest.raises(GraphError, match="the machine of a ParameterStore must be a module; got a list"):
        xn.ParameterStore([xn.Linear(2, 2)])
    with pytest.raises(GraphError, match="must be a module; got the class Linear: make an instance"):
        xn.ParameterStore(xn.Linear)
