"""One parameter in several places: shared, tied, tied by a transpose; through save, load, copies and transfer."""

import copy

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ParameterError


def autoencoder():
    return xn.Cascade(xn.Linear(3, 2, bias=False), xn.Tanh(), xn.Linear(2, 3, bias=False))


def gradient_of(machine, backend, rng):
    x, y = xn.State(backend.asarray(rng.normal(size=(4, 3)))), xn.State()
    machine.fprop(x, y)
    y.accumulate(y.x)
    machine.bprop(x, y)
    return np.asarray(backend.to_numpy(x.x), np.float64)


def test_one_parameter_in_two_modules_has_one_name_and_one_slot(backend):
    machine = xn.Cascade(xn.Linear(3, 3), xn.Tanh(), xn.Linear(3, 3))
    machine[2].weight = machine[0].weight
    store = xn.ParameterStore(machine, backend)
    assert store.names == ["0.weight", "0.bias", "2.bias"]
    assert store.aliases() == {"2.weight": "0.weight"}
    assert store["2.weight"] is store["0.weight"]
    assert store.size == 9 + 3 + 3


def test_gradients_of_shared_places_add_up_against_torch(backend, close, layout, torch, rng):
    machine = xn.Cascade(xn.Linear(3, 3, bias=False), xn.Tanh(), xn.Linear(3, 3, bias=False))
    store = xn.ParameterStore(machine, backend, layout=layout)
    store.tie("2.weight", "0.weight")
    x = gradient_of(machine, backend, rng)
    w = torch.tensor(store.state_dict()["0.weight"].astype(np.float64), requires_grad=True)
    (0.5 * (torch.tanh(torch.tensor(x) @ w.T) @ w.T).square().sum()).backward()
    close(store["0.weight"].dx, w.grad.numpy(), factor=4)


def test_a_transposed_tie_against_torch_and_through_an_update(backend, close, layout, torch, rng):
    machine = autoencoder()
    store = xn.ParameterStore(machine, backend, layout=layout)
    store.tie("2.weight", "0.weight", "transpose")
    x = gradient_of(machine, backend, rng)
    w = torch.tensor(store.state_dict()["0.weight"].astype(np.float64), requires_grad=True)
    (0.5 * (torch.tanh(torch.tensor(x) @ w.T) @ w).square().sum()).backward()
    close(store["0.weight"].dx, w.grad.numpy(), factor=4)
    xn.Sgd(0.5).update(store)
    close(store["0.weight"].x, (w - 0.5 * w.grad).detach().numpy(), factor=4)
    close(machine[2].weight.x, (w - 0.5 * w.grad).detach().numpy().T, factor=4)
    assert store.names == ["0.weight"]


def test_second_derivatives_reach_the_tied_parameter(backend, close):
    machine = autoencoder()
    store = xn.ParameterStore(machine, backend)
    store.tie("2.weight", "0.weight", "transpose")
    machine[2].weight.accumulate_ddx(backend.asarray(np.arange(6.0).reshape(3, 2)))
    close(store["0.weight"].ddx, np.arange(6.0).reshape(3, 2).T)


@pytest.mark.parametrize("transform", [None, "transpose"])
def test_ties_survive_save_load_copy_and_transfer(numpy64, layout, rng, transform):
    machine = xn.Cascade(xn.Linear(3, 3, bias=False), xn.Tanh(), xn.Linear(3, 3, bias=False))
    store = xn.ParameterStore(machine, numpy64, layout=layout)
    store.tie("2.weight", "0.weight", transform)
    saved = store.state_dict()
    assert list(saved) == ["0.weight"]
    store["0.weight"].x = np.zeros((3, 3))
    store.load_state_dict(saved)

    def seen_by_the_second(module, backend):
        seen = np.asarray(backend.to_numpy(module.weight.x), np.float64)
        return seen if transform is None else seen.T

    np.testing.assert_array_equal(seen_by_the_second(machine[2], numpy64), saved["0.weight"])
    twin = copy.deepcopy(machine)
    twin_store = xn.ParameterStore(twin, numpy64, layout=layout)
    twin_store.load_state_dict(saved)
    assert twin_store.aliases() == {"2.weight": "0.weight"}
    np.testing.assert_array_equal(seen_by_the_second(twin[2], numpy64), saved["0.weight"])
    device = xn.get_backend("strict", device="device1", dtype="float64")
    store.to(device)
    np.testing.assert_array_equal(seen_by_the_second(machine[2], device), saved["0.weight"])
    gradient_of(machine, device, rng)
    assert store["0.weight"].dx is not None


def test_a_tie_to_a_place_that_becomes_tied_follows_it(numpy64):
    machine = xn.Cascade(*(xn.Linear(3, 3, bias=False) for _ in range(3)))
    store = xn.ParameterStore(machine, numpy64)
    kept = store["2.weight"].x.copy()
    store.tie("1.weight", "0.weight", "transpose")
    store.tie("0.weight", "2.weight", "transpose")
    assert store.names == ["1.weight"]  # 1 is the transpose of a transpose, so it holds the parameter itself
    np.testing.assert_array_equal(machine[0].weight.x, kept.T)
    np.testing.assert_array_equal(machine[1].weight.x, kept)


def test_a_tie_to_a_parameter_outside_the_machine_is_named(numpy64):
    machine = autoencoder()
    xn.ParameterStore(machine, numpy64).tie("2.weight", "0.weight", "transpose")
    with pytest.raises(ParameterError, match="'weight' is tied to a parameter outside this machine; make a store"):
        xn.ParameterStore(machine[2], numpy64)


def test_a_tie_keeps_the_value_and_the_slot_of_its_target_in_either_order(numpy64, layout):
    for alias, target in (("1.bias", "0.bias"), ("0.bias", "1.bias")):
        machine = xn.Cascade(xn.Bias(2), xn.Bias(2))
        store = xn.ParameterStore(machine, numpy64, layout=layout)
        for k, name in enumerate(store.names):
            store[name].accumulate(np.ones(2) * (k + 1.0))
        xn.Sgd(1.0, inertia=0.5).update(store)
        value, slot = store[target].x.tolist(), store.slots_dict()["deltas"][target].tolist()
        store.tie(alias, target)
        assert store.names == ["0.bias"]
        assert machine[0].bias.x.tolist() == machine[1].bias.x.tolist() == value
        assert store.slots_dict()["deltas"]["0.bias"].tolist() == slot


def test_the_optimizers_slots_survive_a_tie(numpy64, layout):
    machine = xn.Cascade(xn.Bias(2), xn.Bias(2), xn.Bias(2))
    store = xn.ParameterStore(machine, numpy64, layout=layout)
    for k, module in enumerate(machine.modules):
        module.bias.accumulate(np.ones(2) * (k + 1.0))
    xn.Sgd(0.1, inertia=0.5).update(store)
    store.tie("2.bias", "0.bias")
    slots = store.slots_dict()["deltas"]
    assert {name: value.tolist() for name, value in slots.items()} == {"0.bias": [0.5, 0.5], "1.bias": [1.0, 1.0]}


def test_impossible_ties_are_named(numpy64):
    store = xn.ParameterStore(autoencoder(), numpy64)
    with pytest.raises(ParameterError, match=r"tie '2.weight' of shape \(3, 2\) to '0.weight' of shape \(2, 3\)"):
        store.tie("2.weight", "0.weight")
    with pytest.raises(ParameterError, match="unknown transform 'transposed' of a tie; did you mean 'transpose'"):
        store.tie("2.weight", "0.weight", "transposed")
    with pytest.raises(ParameterError, match=r"no parameter '2\.wieght'; did you mean '2\.weight'"):
        store.tie("2.wieght", "0.weight")
    store.tie("0.weight", "0.weight")
    assert len(store) == 2
