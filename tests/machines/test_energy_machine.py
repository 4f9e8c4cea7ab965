"""One energy machine from a machine and a cost, with the same energies and gradients."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import GraphError
from xpnet.machines.energy_machine import energy_machine


def test_same_energies_and_gradients_as_the_parts(numpy64, rng):
    machine, cost, junk = xn.Linear(3, 2), xn.Euclidean(), xn.Junk(0.5, trainable=True)
    whole = energy_machine(machine, cost, junk)
    store = xn.ParameterStore(whole, numpy64)
    x, y = xn.State(rng.normal(size=(4, 1, 3)), fixed=True), xn.State(rng.normal(size=(5, 2)), fixed=True)
    dy = rng.normal(size=(4, 6))
    out = xn.State()
    whole.fprop(x, y, out)
    out.accumulate(dy)
    whole.bprop(x, y, out)
    found, energies = store.gradients(), out.x
    store.clear()
    mout, energy, all_energies = xn.State(), xn.State(), xn.State()
    machine.fprop(x, mout)
    cost.fprop(mout, y, energy)
    junk.fprop(energy, all_energies)
    np.testing.assert_array_equal(energies, all_energies.x)
    all_energies.accumulate(dy)
    junk.bprop(energy, all_energies)
    cost.bprop(mout, y, energy)
    machine.bprop(x, mout)
    for name, gradient in store.gradients().items():
        np.testing.assert_allclose(found[name], gradient, rtol=1e-14)


@pytest.mark.parametrize(("make", "ports"), [(lambda: xn.Linear(2, 3), 1), (xn.Euclidean, 2)])
def test_a_machine_that_gives_energies_keeps_its_inputs(make, ports):
    assert len(energy_machine(make()).event_ndims) == ports


def of(*ports):
    """A machine of these inputs: Σ tanh of their sum."""
    graph = xn.Graph()
    inputs = [graph.input(port) for port in ports]
    graph.output("energy", graph(xn.modules.Sum(), graph(xn.Tanh(), graph(xn.Plus(), *inputs))))
    return graph


def run(module, *arrays):
    energy = xn.State()
    module.fprop(*(xn.State(array) for array in arrays), energy)
    return energy.x


def test_labels_that_learn_take_the_place_of_the_input(numpy64, rng):
    labels = xn.modules.Trainable((5, 2), lambda generator, shape: generator.normal(size=shape))
    whole = energy_machine(xn.Linear(3, 2), xn.Euclidean(), xn.Junk(0.5), labels=labels)
    store = xn.ParameterStore(whole, numpy64)
    assert set(store.names) == {"machine.weight", "machine.bias", "labels.value"}
    assert store["labels.value"] is labels.value
    x = rng.normal(size=(4, 1, 3))
    given = energy_machine(xn.Linear(3, 2), xn.Euclidean(), xn.Junk(0.5))
    other = xn.ParameterStore(given, numpy64)
    other.load_state_dict({name: store[name].x for name in other.names})
    np.testing.assert_array_equal(run(whole, x), run(given, x, labels.value.x))
    assert len(whole.event_ndims) == 1


@pytest.mark.parametrize(
    ("machine", "cost"),
    [(("x", "y", "z"), None), (("x", "z"), xn.Euclidean), (("x",), ("mout", "y", "z")), (("x", "z"), ("m", "y", "z"))],
    ids=["machine alone", "in the machine", "in the cost", "in both"],
)
def test_the_latent_variable_is_the_last_input_wherever_it_is_taken(numpy64, rng, machine, cost):
    made = vector_of(*machine) if cost else of(*machine)
    cost = of(*cost) if isinstance(cost, tuple) else cost and cost()
    x, y, z = rng.normal(size=(4, 1, 1, 3)), rng.normal(size=(5, 1, 3)), rng.normal(size=(2, 3))
    opened = run(energy_machine(made, cost, latent="open"), x, y, z)
    given = {"x": x, "y": y, "z": z}
    h = run(made, *(given[port] for port in machine))
    ports = [] if cost is None else [h, y, z][: len(cost.event_ndims)]
    wanted = h if cost is None else run(cost, *ports)
    np.testing.assert_array_equal(opened, wanted)
    np.testing.assert_array_equal(run(energy_machine(made, cost, latent=xn.Min()), x, y, z), wanted.min(axis=-1))
    beside = run(energy_machine(made, cost, xn.Junk(0.25), latent=xn.Min()), x, y, z)
    np.testing.assert_array_equal(beside, np.concatenate([wanted.min(axis=-1), np.full((4, 1), 0.25)], axis=-1))


def vector_of(*ports):
    graph = xn.Graph()
    inputs = [graph.input(port) for port in ports]
    graph.output("h", graph(xn.Tanh(), graph(xn.Plus(), *inputs)))
    return graph


def test_what_eliminates_the_latent_variable_may_have_parameters(numpy64):
    whole = energy_machine(of("x", "y", "z"), latent=xn.Logsum(2.0, trainable=True))
    assert len(xn.ParameterStore(whole, numpy64)) == 1
    assert [type(module).__name__ for _, module in whole.children()] == ["Graph", "Logsum"]


@pytest.mark.parametrize(
    ("machine", "cost", "words"),
    [(("x", "y"), None, "the machine has 2 inputs"), (("x",), xn.Euclidean, "the machine has 1 inputs, the cost 2")],
)
def test_a_latent_variable_needs_a_port(machine, cost, words):
    with pytest.raises(GraphError, match=f"a latent variable needs a port: .*{words}"):
        energy_machine(of(*machine), cost and cost(), latent=xn.Min())
