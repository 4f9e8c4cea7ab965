"""Wirings that are no machine: each by its text, with the names of the wires."""

from itertools import permutations

import pytest

import xpnet as xn
from xpnet.errors import GraphError
from xpnet.machines.wiring import DeadWireWarning


@pytest.fixture
def graph():
    return xn.Graph()


def order(graph):
    return [box.name for box in graph.plan().boxes]


@pytest.mark.parametrize("turn", range(6))
def test_any_order_of_wiring_gives_an_order_of_fprop(graph, turn):
    x, a, b = graph.input("x"), graph.wire("a"), graph.wire("b")
    c = graph.wire("c")
    boxes = [("first", x, a), ("second", a, b), ("third", b, c)]
    for name, source, target in list(permutations(boxes))[turn]:
        graph(xn.Tanh(), source, to=target, name=name)
    graph.output("y", c)
    assert order(graph) == ["first", "second", "third"]


def test_a_cycle_names_its_wires(graph):
    x, a, b = graph.input("x"), graph.wire("a"), graph.wire("b")
    graph(xn.Plus(), x, b, to=a, name="mix")
    graph(xn.Tanh(), a, to=b, name="loop")
    graph.output("y", b)
    with pytest.raises(GraphError, match=r"the wiring has a cycle through .*; an acyclic machine is needed") as caught:
        graph.plan()
    for word in ("'a' (mix)", "'b' (loop)"):
        assert word in str(caught.value)


def test_a_box_that_reads_its_own_wire_is_a_cycle(graph):
    a = graph.wire("a")
    graph(xn.Plus(), graph.input("x"), a, to=a, name="self")
    graph.output("y", a)
    with pytest.raises(GraphError, match=r"cycle through 'a' \(self\)"):
        graph.plan()


def test_a_cycle_beside_a_good_part_is_found(graph):
    x, a, b = graph.input("x"), graph.wire("a"), graph.wire("b")
    good = graph(xn.Tanh(), x)
    graph(xn.Plus(), good, b, to=a)
    graph(xn.Tanh(), a, to=b)
    graph.output("good", good)
    graph.output("bad", b)
    with pytest.raises(GraphError, match="cycle"):
        graph.plan()


def test_a_doubly_driven_wire_is_named(graph):
    x, a = graph.input("x"), graph.wire("a")
    graph(xn.Tanh(), x, to=a)
    with pytest.raises(GraphError, match="wire 'a' is driven twice, now by Relu; add wires with Plus"):
        graph(xn.Relu(), x, to=a)
    with pytest.raises(GraphError, match="wire 'x' is driven twice, now by Tanh"):
        graph(xn.Tanh(), a, to=x)


def test_undriven_wires_are_named(graph):
    a, b = graph.wire("a"), graph.wire("b")
    graph.output("y", graph(xn.Plus(), graph.input("x"), a))
    graph.output("z", b)
    with pytest.raises(GraphError, match="wires read but never driven: a, b; drive each with graph"):
        graph.plan()


def test_dead_wires_are_warned_of_by_name(graph):
    x = graph.input("x")
    graph.input("unused")
    graph(xn.Tanh(), x, name="lost")
    graph.output("y", graph(xn.Relu(), x))
    with pytest.warns(DeadWireWarning, match="dead wires, read by no module and no output: unused, lost"):
        assert len(order(graph)) == 2
    order(graph)  # a second look at the same wiring does not warn again


def test_a_graph_without_output_is_an_error(graph):
    graph(xn.Tanh(), graph.input("x"))
    with pytest.raises(GraphError, match=r"this graph has no output; declare one with graph\.output\(name, wire\)"):
        graph.plan()


def test_names_are_given_once(graph):
    x = graph.input("x")
    with pytest.raises(GraphError, match="this graph has a wire named 'x' already"):
        graph.wire("x")
    graph.output("y", graph(xn.Tanh(), x))
    with pytest.raises(GraphError, match="this graph has an output named 'y' already"):
        graph.output("y", x)


def test_two_boxes_of_one_name_would_hide_parameters(graph):
    x, a, b = graph.input("x"), graph.wire("a"), graph.wire("b")
    graph(xn.Linear(2, 2), x, to=a, name="encoder")
    with pytest.raises(GraphError, match="this graph has a module named 'encoder' already; give each module its own"):
        graph(xn.Linear(2, 2), a, to=b, name="encoder")


def test_ports_are_counted(graph):
    x = graph.input("x")
    with pytest.raises(GraphError, match="Euclidean has 2 inputs; 1 wires were given"):
        graph(xn.Euclidean(), x)
    with pytest.raises(GraphError, match="Plus has at least 1 inputs; 0 wires were given"):
        graph(xn.Plus())
    with pytest.raises(GraphError, match="Branch drives 2 wires; to= names 1"):
        graph(xn.Branch(2), x, to=graph.wire("a"))


def test_a_wire_of_another_graph_is_refused(graph):
    foreign = xn.Graph().input("foreign")
    for use in (lambda: graph(xn.Tanh(), foreign), lambda: graph.output("y", foreign)):
        with pytest.raises(GraphError, match="wire 'foreign' belongs to another graph; a graph only wires its own"):
            use()


def test_a_refused_box_leaves_the_graph_as_it_was(graph):
    x = graph.input("x")
    with pytest.raises(GraphError):
        graph(xn.Euclidean(), x, name="cost")
    graph.output("y", graph(xn.Tanh(), x, name="cost"))
    assert order(graph) == ["cost"]
