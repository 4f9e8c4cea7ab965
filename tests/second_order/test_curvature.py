"""bbprop through whole machines against gblearn2's layer-wise recursion, worked by hand."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import DataError
from xpnet.second_order import measure


@pytest.fixture
def net():
    return xn.Cascade(xn.Linear(3, 4), xn.Tanh(), xn.Linear(4, 2))


def by_hand(store, x, y):
    """ddX = (W∘W)ᵀ ddY and ddW = ddY (x∘x) through linear layers, f'² through sigmoids, 1 at the Euclidean cost."""
    w, b, v, c = (store.state_dict()[name].astype("float64") for name in ("0.weight", "0.bias", "2.weight", "2.bias"))
    h = dict.fromkeys(store, 0.0)
    g = dict.fromkeys(store, 0.0)
    for sample, wanted in zip(x, y, strict=True):
        hidden = np.tanh(w @ sample + b)
        error = v @ hidden + c - wanted
        dd_out = np.ones(2)
        dd_hidden = (v**2).T @ dd_out * (1.0 - hidden**2) ** 2
        d_hidden = v.T @ error * (1.0 - hidden**2)
        for name, second, first in (
            ("2.weight", np.outer(dd_out, hidden**2), np.outer(error, hidden)),
            ("2.bias", dd_out, error),
            ("0.weight", np.outer(dd_hidden, sample**2), np.outer(d_hidden, sample)),
            ("0.bias", dd_hidden, d_hidden),
        ):
            h[name], g[name] = h[name] + second / len(x), g[name] + first / len(x)
    return g, h


@pytest.mark.parametrize("batch", [1, 4, 100])
def test_a_two_layer_net_with_the_euclidean_cost(backend, close, rng, net, batch):
    store = xn.ParameterStore(net, backend)
    x, y = rng.normal(size=(10, 3)), rng.normal(size=(10, 2))
    found = measure(store, x, y, xn.Euclidean(), batch=batch)
    g, h = by_hand(store, x, y)
    for name in store:
        close(found.curvature[name], h[name], 20)
        close(found.gradient[name], g[name], 50)


def test_softmax_and_log_loss_give_the_squared_gradient(backend, close, rng):
    """The recursion by hand: ddP_y = 1/P_y², through the squared softmax ddX_j = (δ_yj - P_j)², then ddW = ddX x²."""
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    energies = graph(xn.Linear(3, 4), x, name="linear")
    graph.output("energy", graph(xn.LogLoss(), graph(xn.Softmax(), energies), y))
    store = xn.ParameterStore(graph, backend)
    samples, labels = rng.normal(size=(6, 3)), rng.integers(0, 4, size=6)
    input, label, energy = xn.State(backend.asarray(samples)), xn.State(backend.indices(labels), fixed=True), xn.State()
    graph.fprop(input, label, energy)
    energy.accumulate(backend.ones((6,)))
    energy.accumulate_ddx(backend.zeros((6,)))
    graph.bprop(input, label, energy)
    graph.bbprop(input, label, energy)
    w, b = (store.state_dict()[f"linear.{name}"].astype("float64") for name in ("weight", "bias"))
    gibbs = np.exp(-(samples @ w.T + b))
    dd = (np.eye(4)[labels] - gibbs / gibbs.sum(-1, keepdims=True)) ** 2
    close(store["linear.weight"].ddx, dd.T @ samples**2, 20)
    close(store["linear.bias"].ddx, dd.sum(0), 20)
    close(input.ddx, dd @ w**2, 20)


def test_fan_out_and_sharing_sum_their_second_derivatives(numpy64, rng):
    """E = ½ ‖W x + W² x - y‖² with W in three places: each place adds its own, by hand."""
    shared = xn.Linear(2, 2, bias=False)
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    h = graph(shared, x)
    graph.output("energy", graph(xn.Euclidean(), graph(xn.Plus(), h, graph(shared, h)), y))
    store = xn.ParameterStore(graph, numpy64)
    sample, wanted = rng.normal(size=(1, 2)), rng.normal(size=(1, 2))
    found = measure(store, sample, wanted)
    w, ones = shared.weight.x, np.ones(2)
    inner = w @ sample[0]
    dd_h = ones + (w**2).T @ ones  # the branch: Plus takes h itself, and W h
    np.testing.assert_allclose(
        found.curvature[store.names[0]], np.outer(ones, inner**2) + np.outer(dd_h, sample[0] ** 2), rtol=1e-12
    )


def test_a_linear_machine_has_its_exact_second_derivatives(numpy64, rng):
    linear, x, y = xn.Linear(3, 2), rng.normal(size=(8, 3)), rng.normal(size=(8, 2))
    found = measure(xn.ParameterStore(linear, numpy64), x, y, xn.Euclidean())
    np.testing.assert_allclose(found.curvature["weight"], np.tile((x**2).mean(0), (2, 1)), rtol=1e-12)
    np.testing.assert_allclose(found.curvature["bias"], [1.0, 1.0], rtol=1e-12)


def test_machine_and_cost_or_one_energy_machine(numpy64, rng, net):
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    graph.output("energy", graph(xn.Euclidean(), graph(net, x, name="net"), y))
    samples, wanted = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    joint = measure(xn.ParameterStore(graph, numpy64), samples, wanted)
    apart = measure(xn.ParameterStore(net, numpy64), samples, wanted, xn.Euclidean())
    assert set(joint.curvature) == {f"net.{name}" for name in apart.curvature}
    again = measure(xn.ParameterStore(graph, numpy64), samples, wanted)
    for name in joint.curvature:
        np.testing.assert_array_equal(joint.curvature[name], again.curvature[name])


def test_it_is_kept_with_the_store_and_travels(strict_devices, rng, net):
    first, second = strict_devices
    store = xn.ParameterStore(net, first)
    found = measure(store, rng.normal(size=(5, 3)), rng.normal(size=(5, 2)), xn.Euclidean())
    held = store.to(second).slots_dict()["curvature"]
    for name in store:
        np.testing.assert_array_equal(held[name], first.to_numpy(found.curvature[name]))


def test_pending_gradients_are_no_part_of_it(numpy64, rng, net):
    store = xn.ParameterStore(net, numpy64)
    x, y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    clean = measure(store, x, y, xn.Euclidean())
    for name in store:
        store[name].accumulate(np.ones(store[name].shape))
        store[name].accumulate_ddx(np.ones(store[name].shape))
    again = measure(store, x, y, xn.Euclidean())
    for name in store:
        np.testing.assert_array_equal(again.curvature[name], clean.curvature[name])
        np.testing.assert_array_equal(again.gradient[name], clean.gradient[name])
        assert store[name].dx is store[name].ddx is None


def test_each_sample_needs_its_answer(numpy64, net):
    store = xn.ParameterStore(net, numpy64)
    with pytest.raises(DataError, match="got 3 samples, 2 answers"):
        measure(store, np.ones((3, 3)), np.ones((2, 2)), xn.Euclidean())
    with pytest.raises(DataError, match="got 0 samples"):
        measure(store, np.ones((0, 3)), np.ones((0, 2)), xn.Euclidean())
