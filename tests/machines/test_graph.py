"""Any acyclic wiring: inputs, outputs, fan-out, nesting, and what the parts are called."""

import copy

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import GraphError


def test_fan_out_and_fan_in_sum_over_the_paths(backend, close):
    """y = 3x + tanh(x) · 1 through three paths: dy/dx = 3 + (1 - tanh² x)."""
    graph = xn.Graph()
    x = graph.input("x")
    first, second = graph(xn.Branch(2), x)
    graph.output("y", graph(xn.Plus(), first, second, x, graph(xn.Tanh(), x)))
    a, y = xn.State(backend.asarray([0.5, -1.0])), xn.State()
    graph.fprop(a, y)
    held = np.asarray(backend.to_numpy(a.x), np.float64)
    close(y.x, 3 * held + np.tanh(held))
    y.accumulate(backend.ones((2,)))
    graph.bprop(a, y)
    close(a.dx, 3 + 1 - np.tanh(held) ** 2)


def test_several_inputs_and_outputs_in_the_order_of_declaration(numpy64):
    graph = xn.Graph()
    y, x = graph.input("y"), graph.input("x")
    graph.output("late", graph(xn.Relu(), x))
    graph.output("early", graph(xn.Tanh(), y))
    states = xn.State(np.asarray([-1.0])), xn.State(np.asarray([-2.0])), xn.State(), xn.State()
    graph.fprop(*states)
    assert states[2].x.tolist() == [0.0]
    assert states[3].x.tolist() == [np.tanh(-1.0)]
    states[3].accumulate(np.ones(1))  # the other output takes no part: its boxes are passed over
    graph.bprop(*states)
    assert states[0].dx.tolist() == [1 - np.tanh(-1.0) ** 2]
    assert states[1].dx is None


def test_an_input_may_come_out_as_it_is(numpy64):
    graph = xn.Graph()
    x = graph.input("x")
    graph.output("same", x)
    graph.output("squashed", graph(xn.Tanh(), x))
    states = xn.State(np.asarray([0.0])), xn.State(), xn.State()
    graph.fprop(*states)
    for output in states[1:]:
        output.accumulate(np.asarray([2.0]))
    graph.bprop(*states)
    assert states[1].x is states[0].x
    assert states[0].dx.tolist() == [4]


def test_one_wire_may_come_out_under_two_names(numpy64):
    graph = xn.Graph()
    h = graph(xn.Tanh(), graph.input("x"))
    graph.output("a", h)
    graph.output("b", h)
    states = xn.State(np.asarray([0.0])), xn.State(), xn.State()
    graph.fprop(*states)
    for output in states[1:]:
        output.accumulate(np.asarray([1.0]))
    graph.bprop(*states)
    assert states[0].dx.tolist() == [2]


def test_a_graph_with_several_outputs_nests(numpy64):
    inner = xn.Graph()
    x = inner.input("x")
    inner.output("squashed", inner(xn.Tanh(), x))
    inner.output("rectified", inner(xn.Relu(), x))
    outer = xn.Graph()
    a = outer.input("a")
    squashed, rectified = outer(inner, a, name="pair")
    assert (squashed.name, rectified.name) == ("pair.0", "pair.1")
    outer.output("sum", outer(xn.Plus(), squashed, rectified))
    states = xn.State(np.asarray([0.5])), xn.State()
    outer.fprop(*states)
    states[1].accumulate(np.ones(1))
    outer.bprop(*states)
    np.testing.assert_allclose(states[0].dx, 1 + 1 - np.tanh(0.5) ** 2)
    with pytest.raises(GraphError, match=r"module 0 \(Graph\) has 1 inputs and 2 outputs"):
        xn.Cascade(inner)


def test_the_same_module_in_two_boxes_and_its_copies(numpy64, rng):
    graph, shared = xn.Graph(), xn.Linear(3, 3)
    x, y = graph.input("x"), graph.input("y")
    graph.output("energy", graph(xn.Euclidean(), graph(shared, x), graph(shared, y)))
    assert xn.ParameterStore(graph).names == ["linear1.weight", "linear1.bias"]
    twin = copy.deepcopy(graph)
    values, energies = [rng.normal(size=(2, 3)) for _ in range(2)], []
    for machine in (graph, twin):
        states = *map(xn.State, values), xn.State()
        machine.fprop(*states)
        states[-1].accumulate(np.ones(2))
        machine.bprop(*states)
        energies.append(states[-1].x.tolist())
    assert energies[0] == energies[1]
    d = values[0] - values[1]
    wanted = 0.5 * ((d @ shared.weight.x.T) ** 2).sum(-1)
    np.testing.assert_allclose(energies[0], wanted, rtol=1e-12)
    np.testing.assert_allclose(shared.weight.dx, shared.weight.x @ d.T @ d, rtol=1e-12)
    np.testing.assert_allclose(shared.bias.dx, 0, atol=1e-15)


def test_wiring_may_go_on_after_a_first_pass(numpy64):
    graph = xn.Graph()
    h = graph(xn.Tanh(), graph.input("x"))
    graph.output("a", h)
    assert graph.n_outputs == 1
    graph.output("b", graph(xn.Relu(), h))
    assert graph.n_outputs == 2
    states = xn.State(np.asarray([-1.0])), xn.State(), xn.State()
    graph.fprop(*states)
    assert states[2].x.tolist() == [0]


def test_names_of_boxes_and_the_graphs_own_words():
    graph = xn.Graph()
    x = graph.input("tanh1")  # a name that a box would take
    graph.output("y", graph(xn.Tanh(), graph(xn.Tanh(), x)))
    assert [name for name, _ in graph.children()] == ["tanh2", "tanh3"]
    assert repr(graph) == "Graph(2 modules, 3 wires)"
    assert repr(x) == "Wire('tanh1')"


def test_event_axes_of_the_inputs():
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    graph.output("energy", graph(xn.Euclidean(), graph(xn.Tanh(), x), y))
    assert graph.event_ndims == (1, 1)


def test_values_and_classes_are_not_wired():
    graph = xn.Graph()
    with pytest.raises(GraphError, match=r"a graph connects wires, from graph\.input.*; got a ndarray\. Values"):
        graph(xn.Tanh(), np.ones(2))
    with pytest.raises(GraphError, match="what a graph wires must be a module; got the class Tanh"):
        graph(xn.Tanh, graph.input("x"))
