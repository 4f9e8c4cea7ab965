"""Views of one vector and leaves of a dictionary are two ways to keep the same numbers."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ParameterError


def machine():
    return xn.Cascade(xn.Linear(3, 5), xn.Tanh(), xn.Linear(5, 2))


def trained(backend, layout, rng, steps=5):
    """State dict, optimizer slots and energies after some steps with inertia and weight decay."""
    model = machine()
    store = xn.ParameterStore(model, backend, layout=layout)
    trainer = xn.SimpleTrainer(model, xn.Euclidean(), store)
    generator = np.random.default_rng(rng)
    energies = []
    for _ in range(steps):
        x, label = generator.normal(size=(4, 3)), generator.integers(0, 2, size=4)
        energies.append(trainer.learn_sample(x, label, np.eye(2), learning_rate=0.1, weight_decay=0.01, inertia=0.9))
    return store, [float(backend.to_numpy(energy)) for energy in energies]


def test_both_layouts_agree_bit_for_bit(backend):
    (views, energies), (leaves, same_energies) = (trained(backend, layout, 3) for layout in ("view", "leaf"))
    assert energies == same_energies
    for ours, theirs in ((views.state_dict(), leaves.state_dict()), (views.slots_dict(), leaves.slots_dict())):
        np.testing.assert_equal(ours, theirs)
    assert set(views.slots_dict()) == {"deltas"}


def test_every_backend_learns_what_float64_learns(backend, close):
    exact, _ = trained(xn.get_backend("numpy", dtype="float64"), None, 3)
    here, _ = trained(backend, None, 3)
    for name, value in exact.state_dict().items():
        close(here[name].x, value, factor=8)


def test_values_and_gradients_are_views_of_one_vector(numpy64):
    store = xn.ParameterStore(machine(), numpy64, layout="view")
    storage = store._storage
    for name in store:
        assert np.shares_memory(store[name].x, storage.values)
        assert np.shares_memory(store[name].slot, storage.gradients)
        assert (storage.layout[name].start * 8) % 128 == 0
    storage.values[...] = 2.0
    assert all(np.all(store[name].x == 2.0) for name in store)


def test_padding_between_slots_stays_zero(backend):
    store, _ = trained(backend, "view", 5)
    storage = store._storage
    inside = np.zeros(storage.length, bool)
    for slot in storage.layout.values():
        inside[slot.start : slot.stop] = True
    for vector in (storage.values, *storage.extra.values()):
        host = backend.to_numpy(vector)
        assert not np.any(host[~inside])
        assert np.all(host[inside] != 0)


def test_an_update_clears_gradients_and_treats_absent_ones_as_zero(backend, close, layout):
    model = xn.Cascade(xn.Bias(2), xn.Bias(2))
    store = xn.ParameterStore(model, backend, layout=layout)
    model[0].bias.accumulate(backend.ones((2,)))
    model[1].bias.accumulate(backend.ones((2,)))
    xn.Sgd(0.5).update(store)
    assert store["0.bias"].dx is store["1.bias"].dx is None
    model[0].bias.accumulate(backend.ones((2,)))
    xn.Sgd(0.5).update(store)  # the second bias has no gradient now: what is left in its slot must not count
    close(store["0.bias"].x, [-1, -1])
    close(store["1.bias"].x, [-0.5, -0.5])


def test_gradients_on_the_host_are_zero_where_nothing_came_in(backend, layout):
    model = xn.Cascade(xn.Bias(2), xn.Bias(2))
    store = xn.ParameterStore(model, backend, layout=layout)
    model[1].bias.accumulate(backend.asarray([1.0, 2.0]))
    found = {name: value.tolist() for name, value in store.gradients().items()}
    assert found == {"0.bias": [0, 0], "1.bias": [1, 2]}


def test_an_update_leaves_other_holders_of_leaf_and_gradient_alone(numpy64):
    bias = xn.Bias(2)
    store = xn.ParameterStore(bias, numpy64, layout="leaf")
    value, gradient = bias.bias.x, np.ones(2)
    bias.bias.accumulate(gradient)
    xn.Sgd(0.5, weight_decay=0.1).update(store)
    assert value.tolist() == [0, 0]
    assert gradient.tolist() == [1, 1]


def test_the_layout_comes_from_the_argument_then_from_the_environment(numpy64, monkeypatch):
    monkeypatch.setenv("XPNET_STORE", "leaf")
    assert type(xn.ParameterStore(machine(), numpy64)._storage).__name__ == "Leaves"
    assert type(xn.ParameterStore(machine(), numpy64, layout="view")._storage).__name__ == "Views"


def test_views_are_refused_where_the_library_has_none(numpy64, monkeypatch):
    from xpnet.backend import Capabilities

    without = xn.get_backend("numpy", dtype="float64").with_dtype("float64")
    without.capabilities = Capabilities(views=False, inplace=False, float64=True)
    with pytest.raises(ParameterError, match="backend 'numpy' has no views; take layout='leaf' or XPNET_STORE=auto"):
        xn.ParameterStore(machine(), without, layout="view")
    assert type(xn.ParameterStore(machine(), without)._storage).__name__ == "Leaves"
