"""The minimal network of the lecture, fed one window, is the convolution at that step: energies and gradients."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import GraphError
from xpnet.machines.tdnn import minimal_network, tdnn
from xpnet.modules import AveragePooling
from xpnet.ops.window import Window


def stacked():
    return tdnn([2, 4, 1], [3, 3])


def sparse():
    return tdnn([2, 3, 3, 2], [Window(3, stride=2), Window(2, dilation=3), 2], squasher=xn.ScaledTanh)


def nested():
    return xn.Cascade(xn.Cascade(xn.TimeDelay(3), xn.Linear(6, 4), xn.Tanh()), AveragePooling((2,)), xn.Linear(4, 2))


def branched():
    graph = xn.Graph()
    x = graph.input("x")
    one, other = graph(xn.Branch(2), graph(xn.Convolution(2, 3, kernel=2), x))
    shared = xn.Convolution(3, 3, kernel=2)
    a, b = graph(shared, graph(shared, one)), graph(xn.Convolution(3, 3, kernel=3), other)
    graph.output("y", graph(xn.Tanh(), graph(xn.Concatenate(), a, b)))
    return graph


def at_step(machine, x, y, t, target, backend):
    """The energy at one step of the output, and everything's gradients."""
    energy, step, euclidean = xn.State(), xn.State(), xn.Euclidean().bind(backend)
    machine.fprop(x, y)
    step.x = y.x[..., t : t + 1, :]
    euclidean.fprop(step, target, energy)
    energy.accumulate(backend.ones(tuple(energy.x.shape)))
    energy.accumulate_ddx(backend.ones(tuple(energy.x.shape)) * 0.5)
    euclidean.bprop(step, target, energy)
    euclidean.bbprop(step, target, energy)
    steps = y.x.shape[-2]
    y.accumulate(backend.ops.steps_vjp(step.dx, t, steps, -2))
    y.accumulate_ddx(backend.ops.steps_vjp(step.ddx, t, steps, -2))
    machine.bprop(x, y)
    machine.bbprop(x, y)
    return energy.x


@pytest.mark.parametrize("make", [stacked, sparse, nested, branched])
@pytest.mark.parametrize("t", [0, 1, 3])
@pytest.mark.parametrize("lead", [(), (2,)], ids=str)
def test_energies_and_gradients_are_those_of_the_whole_network_at_that_step(backend, close, rng, make, t, lead):
    machine = make()
    store = xn.ParameterStore(machine, backend)
    part = minimal_network(machine, t)
    host = rng.normal(size=(*lead, 24, 2))
    whole, window = (
        xn.State(backend.asarray(host)),
        xn.State(backend.asarray(host[..., part.steps, :])),
    )
    y, one = xn.State(), xn.State()
    machine.fprop(whole, y)
    target = xn.State(backend.asarray(rng.normal(size=(*lead, 1, y.x.shape[-1]))), fixed=True)
    energy = at_step(machine, whole, y, t, target, backend)
    wanted = store.gradients()
    second = {name: backend.to_numpy(store[name].ddx) for name in store}
    store.clear()
    close(at_step(part.machine, window, one, 0, target, backend), backend.to_numpy(energy), factor=10)
    got = store.gradients()
    for name in store:
        close(backend.asarray(got[name]), wanted[name], factor=20)
        close(store[name].ddx, second[name], factor=40)
    close(window.dx, backend.to_numpy(whole.dx)[..., part.steps, :], factor=20)
    close(window.ddx, backend.to_numpy(whole.ddx)[..., part.steps, :], factor=40)
    outside = np.delete(np.asarray(backend.to_numpy(whole.dx)), np.arange(24)[part.steps], axis=-2)
    assert not outside.any()


def test_three_identical_replicas_of_the_first_layer_share_their_weights():
    machine = stacked()
    part = minimal_network(machine, t=6)
    assert part.steps == slice(6, 11)
    replicas = [box.module for box in part.machine.plan().boxes if isinstance(box.module, xn.Convolution)]
    assert sum(replica.weight is machine[0].weight for replica in replicas) == 3
    assert sum(replica.weight is machine[2].weight for replica in replicas) == 1
    assert len(xn.ParameterStore(part.machine).names) == 4


def test_steps_that_dilation_skips_are_not_built():
    part = minimal_network(tdnn([1, 1, 1], [1, Window(2, dilation=5)], squasher=None), t=0)
    names = [box.name for box in part.machine.plan().boxes]
    assert [name for name in names if name.startswith("step@")] == ["step@0", "step@5"]


def test_symbols_may_enter(numpy64, rng):
    machine = xn.Cascade(xn.Lookup(5, 2), xn.Convolution(2, 3, kernel=3))
    xn.ParameterStore(machine, numpy64)
    symbols, y, one = rng.integers(5, size=(4, 9)), xn.State(), xn.State()
    part = minimal_network(machine, t=2)
    machine.fprop(xn.State(symbols, fixed=True), y)
    part.machine.fprop(xn.State(symbols[:, part.steps], fixed=True), one)
    np.testing.assert_allclose(one.x, y.x[:, 2:3])
    one.accumulate(np.ones(one.x.shape))
    part.machine.bprop(xn.State(symbols[:, part.steps], fixed=True), one)
    assert machine[0].weight.dx is not None


def test_refusals():
    with pytest.raises(GraphError, match="3 numbers of features"):
        tdnn([1, 2], [3, 3])
    with pytest.raises(GraphError, match="t >= 0"):
        minimal_network(stacked(), -1)
    with pytest.raises(GraphError, match="no time-delay layer"):
        minimal_network(xn.Cascade(xn.ImageConvolution(1, 1, 2)), 0)
