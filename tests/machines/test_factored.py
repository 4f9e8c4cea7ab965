"""Linear modules behind concatenations of unlike parts: split, with the same energies, gradients and parameters."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.machines.factored import factored
from xpnet.machines.schedule import inlined
from xpnet.machines.separated import Part
from xpnet.modules import Given, Sum, Trainable
from xpnet.modules.split_linear import SplitLinear

X, Y, Z = (frozenset({name}) for name in ("sample", "label", "latent"))
SHAPES = ((3, 1, 1, 4), (5, 1, 2), (2, 3))  # X (B, 1, 1, 4), Y (K, 1, 2), Z (M, 3)


def split(graph, roles=(X, Y, Z)):
    """The plan before and after."""
    plan = inlined(graph.plan())
    return plan, factored(plan, dict(zip(plan.inputs, roles, strict=True)))


def machine(build):
    """E(X, Y, Z): `build` makes a vector of three wires."""
    graph = xn.Graph()
    out = build(graph, *(graph.input(name) for name in "xyz"))
    graph.output("energy", graph(Sum(), graph(xn.Tanh(), out)))
    return graph


def plain(graph, x, y, z):
    return graph(xn.Linear(9, 4), graph(xn.Concatenate(), x, y, z))


def nested(graph, x, y, z):
    inner = graph(xn.Concatenate(), y, graph(xn.Concatenate(), x, z))
    return graph(xn.Linear(13, 4), graph(xn.Concatenate(), inner, x))


def two_readers(graph, x, y, z):
    joined = graph(xn.Concatenate(), x, y)
    return graph(xn.Plus(), graph(xn.Linear(6, 3), joined), graph(xn.Linear(6, 3, bias=False), joined), z)


def read_elsewhere(graph, x, y, z):
    joined = graph(xn.Concatenate(), x, y, z)
    return graph(xn.Plus(), graph(xn.Linear(9, 9), joined), graph(xn.Tanh(), joined))


def shared_linear(graph, x, y, z):
    """One module in two places, split in one of them."""
    linear = xn.Linear(6, 3)
    return graph(xn.Plus(), graph(linear, graph(xn.Concatenate(), x, y)), graph(linear, graph(Given(np.ones(6)))), z)


def with_constants(graph, x, y, z):
    code = graph(Trainable((2,), lambda generator, shape: generator.normal(size=shape)))
    return graph(xn.Linear(11, 3), graph(xn.Concatenate(), code, graph(xn.Tanh(), x), z, y))


def wide(graph, x, y, z):
    first = graph(xn.Tanh(), graph(xn.Linear(6, 33), graph(xn.Concatenate(), x, y)))
    second = graph(xn.Tanh(), graph(xn.Linear(5, 31), graph(xn.Concatenate(), y, z)))
    return graph(xn.Linear(68, 29), graph(xn.Concatenate(), first, x, second))


BUILDS = {build.__name__: build for build in (
    plain, nested, two_readers, read_elsewhere, shared_linear, with_constants, wide)}  # fmt: skip


def passes(module, store, inputs, dy, ddy):
    """The energy and all derivatives of one run of everything."""
    states, energy = [xn.State(x) for x in inputs], xn.State()
    module.bind(store.backend).fprop(*states, energy)
    energy.accumulate(dy)
    energy.accumulate_ddx(ddy)
    module.bprop(*states, energy)
    module.bbprop(*states, energy)
    found = {f"dx{k}": state.dx for k, state in enumerate(states)} | {"energy": energy.x}
    found |= {f"ddx{k}": state.ddx for k, state in enumerate(states)} | store.gradients()
    found |= {f"dd {name}": np.copy(store[name].ddx) for name in store}
    store.clear()
    return found


@pytest.mark.parametrize("name", BUILDS)
def test_energies_and_all_derivatives_are_those_of_the_whole_machine(numpy64, rng, name):
    graph = machine(BUILDS[name])
    store = xn.ParameterStore(graph, numpy64)
    inputs = [rng.normal(size=shape) for shape in SHAPES]
    _, plan = split(graph)
    part = Part(plan.boxes, plan.inputs, plan.outputs)
    assert any(isinstance(box.module, SplitLinear) for box in plan.boxes)
    dy, ddy = rng.normal(size=(2, 3, 5, 2))
    wanted, found = (passes(module, store, inputs, dy, ddy) for module in (graph, part))
    assert found.keys() == wanted.keys()
    for key, value in wanted.items():
        np.testing.assert_allclose(found[key], value, rtol=1e-12, atol=1e-12, err_msg=key)


def kinds(plan):
    return [type(box.module).__name__ for box in plan.boxes]


def test_a_concatenation_that_nobody_reads_any_more_is_left_out():
    before, after = split(machine(plain))
    assert kinds(before) == ["Concatenate", "Linear", "Tanh", "Sum"]
    assert kinds(after) == ["SplitLinear", "Tanh", "Sum"]
    assert after.boxes[0].inputs == before.inputs
    assert after.boxes[0].module.linear is before.boxes[1].module
    assert (after.inputs, after.outputs) == (before.inputs, before.outputs)


def test_nested_concatenations_become_one_sum():
    before, after = split(machine(nested))
    x, y, z = before.inputs
    assert kinds(after) == ["SplitLinear", "Tanh", "Sum"]
    assert after.boxes[0].inputs == (y, x, z, x)


def test_a_concatenation_that_others_read_stays():
    assert kinds(split(machine(read_elsewhere))[1]).count("Concatenate") == 1
    assert kinds(split(machine(two_readers))[1]) == ["SplitLinear", "SplitLinear", "Plus", "Tanh", "Sum"]


def test_a_concatenation_that_is_an_output_stays():
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    joined = graph(xn.Concatenate(), x, y)
    graph.output("joined", joined)
    graph.output("h", graph(xn.Linear(6, 2), joined))
    assert kinds(split(graph, (X, Y))[1]) == ["Concatenate", "SplitLinear"]


@pytest.mark.parametrize("roles", [(X, X, X), (X | Y, X | Y, X | Y)])
def test_nothing_to_split_is_the_same_plan(roles):
    before, after = split(machine(nested), roles)
    assert after is before


def test_a_linear_module_on_a_plain_wire_stays():
    def build(graph, x, y, z):
        return graph(xn.Plus(), graph(xn.Linear(4, 3), x), graph(xn.Linear(2, 3), y), z)

    before, after = split(machine(build))
    assert after is before


def test_parts_that_depend_alike_keep_the_others_company():
    """(f(x) | x) is not split, (f(x) | y) is."""

    def build(graph, x, y, z):
        alike = graph(xn.Linear(8, 3), graph(xn.Concatenate(), graph(xn.Tanh(), x), x))
        return graph(xn.Plus(), graph(xn.Linear(5, 3), graph(xn.Concatenate(), alike, y)), z)

    _, after = split(machine(build))
    assert kinds(after) == ["Tanh", "Concatenate", "Linear", "SplitLinear", "Plus", "Tanh", "Sum"]
