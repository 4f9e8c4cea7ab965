"""State dicts and optimizer slots: round trips, and every way in which they may not fit."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ParameterError


@pytest.fixture
def store(backend, layout):
    return xn.ParameterStore(xn.Cascade(xn.Linear(3, 4), xn.Tanh(), xn.Linear(4, 2)), backend, layout=layout)


def test_round_trip_is_exact_and_holds_host_copies(store, backend):
    saved = store.state_dict()
    assert all(isinstance(value, np.ndarray) and value.flags.c_contiguous for value in saved.values())
    assert {str(value.dtype) for value in saved.values()} == {backend.dtype_name}
    kept = {name: value.copy() for name, value in saved.items()}
    for name in store:
        store[name].x = store[name].x * 0.0
    np.testing.assert_equal(saved, kept)
    store.load_state_dict(saved)
    np.testing.assert_equal(store.state_dict(), kept)


def test_a_loaded_value_is_a_copy(store, backend):
    values = store.state_dict()
    store.load_state_dict(values)
    values["0.bias"][:] = 7.0
    assert not np.any(store.state_dict()["0.bias"])


def test_a_loaded_slot_is_a_copy(store, backend):
    slots = {"deltas": {name: value + 1 for name, value in store.state_dict().items()}}
    kept = {name: value.copy() for name, value in slots["deltas"].items()}
    store.load_slots_dict(slots)
    xn.Sgd(0.1, inertia=0.5).update(store)
    np.testing.assert_equal(slots["deltas"], kept)


def test_from_one_layout_to_the_other_and_to_another_backend(store, backend):
    device = xn.get_backend("strict", device="device2", dtype=backend.dtype_name)
    other = xn.ParameterStore(xn.Cascade(xn.Linear(3, 4), xn.Tanh(), xn.Linear(4, 2)), device, seed=9, layout="leaf")
    other.load_state_dict(store.state_dict())
    np.testing.assert_equal(other.state_dict(), store.state_dict())


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda v: v.pop("0.bias"), r"no value for '0\.bias' of shape \(4,\)"),
        (lambda v: v.update({"0.baias": v["0.bias"]}), r"unknown name '0\.baias' \(did you mean '0\.bias'\?"),
        (lambda v: v.update({"0.bias": np.zeros(5, v["0.bias"].dtype)}), r"'0\.bias' has shape \(4,\); got \(5,\)"),
        (
            lambda v: v.update({"0.bias": np.zeros(4, "int32")}),
            r"'0\.bias' has dtype float\d\d; got int32 \(",
        ),
    ],
    ids=["missing", "unknown", "shape", "dtype"],
)
def test_what_does_not_fit_is_named_and_nothing_changes(store, change, text):
    before, values = store.state_dict(), store.state_dict()
    values["0.weight"] = values["0.weight"] + 1
    change(values)
    with pytest.raises(ParameterError, match=text) as caught:
        store.load_state_dict(values)
    assert str(caught.value).startswith("this state dict is not of this machine: ")
    np.testing.assert_equal(store.state_dict(), before)


def test_all_problems_are_told_at_once(store):
    with pytest.raises(ParameterError) as caught:
        store.load_state_dict({"x": np.zeros(1)})
    assert str(caught.value).count(";") >= len(store)


def test_a_value_under_an_alias_is_refused_since_it_might_contradict_the_name(numpy64):
    machine = xn.Cascade(xn.Linear(2, 2), xn.Linear(2, 2))
    store = xn.ParameterStore(machine, numpy64)
    store.tie("1.weight", "0.weight")
    values = store.state_dict()
    with pytest.raises(ParameterError, match=r"'1\.weight' shares the parameter '0\.weight': give its value once"):
        store.load_state_dict({**values, "1.weight": values["0.weight"] + 1})


def test_optimizer_slots_make_the_round_trip(store, backend):
    store["0.bias"].accumulate(backend.ones((4,)))
    xn.Sgd(0.1, inertia=0.5).update(store)
    slots = store.slots_dict()
    assert slots["deltas"]["0.bias"].tolist() == [0.5] * 4
    store["0.bias"].accumulate(backend.ones((4,)))
    xn.Sgd(0.1, inertia=0.5).update(store)
    store.load_slots_dict(slots)
    np.testing.assert_equal(store.slots_dict(), slots)
    with pytest.raises(ParameterError, match=r"no value for '0\.weight'"):
        store.load_slots_dict({"deltas": {}})
    np.testing.assert_equal(store.slots_dict(), slots)
