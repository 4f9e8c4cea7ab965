"""What each wire depends on: the union of what its boxes read."""

import numpy as np

import xpnet as xn
from xpnet.machines.dependence import NOTHING, dependence
from xpnet.machines.schedule import inlined
from xpnet.modules import Given, Trainable

X, Y, Z = (frozenset({name}) for name in ("sample", "label", "latent"))


def roles_of(graph, *roles):
    """What each box's first output depends on, by the box's name."""
    plan = inlined(graph.plan())
    found = dependence(plan, dict(zip(plan.inputs, roles, strict=True)))
    return {box.name: found[box.outputs[0]] for box in plan.boxes}


def test_every_combination_of_three_inputs():
    graph = xn.Graph()
    x, y, z = (graph.input(name) for name in "xyz")
    w = graph(Trainable((2,)), name="w")
    for name, wires in (("wx", (w, x)), ("xy", (x, y)), ("xz", (x, z)), ("yz", (y, z)), ("xyz", (x, y, z))):
        graph.output(name, graph(xn.Plus(), *wires, name=name))
    graph.output("ww", graph(xn.Tanh(), w, name="ww"))
    found = roles_of(graph, X, Y, Z)
    assert found == {"w": NOTHING, "wx": X, "xy": X | Y, "xz": X | Z, "yz": Y | Z, "xyz": X | Y | Z, "ww": NOTHING}


def test_it_is_handed_on_through_boxes_and_nested_machines():
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    deep = graph(xn.Cascade(xn.Linear(3, 4), xn.Cascade(xn.Tanh(), xn.Linear(4, 3))), x, name="f")
    graph.output("energy", graph(xn.Euclidean(), deep, graph(xn.Tanh(), y, name="g"), name="e"))
    found = roles_of(graph, X, Y)
    assert found == {"f.0": X, "f.1.0": X, "f.1.1": X, "g": Y, "e": X | Y}


def test_every_output_of_a_box_depends_on_all_its_inputs():
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    first, second = graph(xn.Branch(2), graph(xn.Plus(), x, y), name="branch")
    graph.output("first", first)
    graph.output("second", second)
    plan = graph.plan()
    found = dependence(plan, {plan.inputs[0]: X, plan.inputs[1]: Y})
    assert [found[wire] for wire in plan.outputs] == [X | Y, X | Y]


def test_inputs_without_a_role_and_constants_are_nothing():
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    given = graph(Given(np.ones(2)), name="given")
    graph.output("energy", graph(xn.Plus(), x, given, y, name="sum"))
    plan = graph.plan()
    found = dependence(plan, {plan.inputs[0]: X})
    assert found[plan.outputs[0]] == X
    assert [found[box.outputs[0]] for box in plan.boxes] == [NOTHING, X]


def test_the_roles_given_are_not_changed():
    graph = xn.Graph()
    graph.output("y", graph(xn.Tanh(), graph.input("x")))
    roles = {0: X}
    assert dependence(graph.plan(), roles) == {0: X, 1: X}
    assert roles == {0: X}
