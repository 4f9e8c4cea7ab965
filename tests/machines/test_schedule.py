"""Which boxes of a step may leave the loop over time."""

import pytest

import xpnet as xn
from xpnet import modules
from xpnet.machines.schedule import When, constant_wires, inlined, needed, schedule, step_ndim, wire_leads


@pytest.fixture
def step():
    """before(x) -> loop <- Delay; after the loop a read-out, met by a function of a constant; and a shift."""
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y", constant=True)
    z = graph.wire("z")
    before = graph(xn.Linear(3, 2), x, name="before")
    graph(xn.Plus(), before, graph(modules.Delay(2), z, name="delay"), to=z, name="loop")
    once = graph(xn.Linear(2, 2), y, name="once")
    out = graph(xn.Tanh(), z, name="after")
    graph.output("energy", graph(xn.Euclidean(), out, once, name="cost"))
    graph.output("free", graph(xn.Logsum(), graph(xn.Tanh(), z, name="free_tanh"), name="free"))
    return graph.plan()


def test_without_hoisting_only_constants_leave_the_loop(step):
    when = schedule(step, before=False, after=False)
    assert [name for name, place in when.items() if place is not When.LOOP] == ["once"]


def test_hoisting_leaves_the_strictly_recurrent_part_and_what_meets_constants(step):
    when = schedule(step, before=True, after=True)
    assert when == {
        "before": When.BEFORE, "delay": When.LOOP, "loop": When.LOOP, "once": When.ONCE, "after": When.LOOP,
        "cost": When.LOOP, "free_tanh": When.AFTER, "free": When.AFTER,
    }  # fmt: skip


def test_constant_wires_follow_from_constant_inputs(step):
    names = {wire: box.name for box in step.boxes for wire in box.outputs}
    assert {names.get(wire, wire) for wire in constant_wires(step)} == {1, "once"}


def test_leads_go_around_the_loop(step):
    names = {box.name: box.outputs[0] for box in step.boxes}
    leads = wire_leads(step, (2, 1))
    assert [leads[names[name]] for name in ("before", "delay", "loop", "once", "cost")] == [2, 2, 2, 1, 2]
    leads = wire_leads(step, (0, 1))
    assert [leads[names[name]] for name in ("delay", "once", "cost", "free")] == [0, 1, 1, 0]


def test_event_axes_of_one_step(step):
    assert [step_ndim(step, wire) for wire in step.inputs] == [1, 1]
    graph = xn.Graph()
    x, z = graph.input("x"), graph.wire("z")
    graph(xn.Plus(), x, graph(xn.Tanh(), graph(modules.Delay((2, 2)), z)), to=z)
    graph.output("z", z)
    assert step_ndim(graph.plan(), 0) == 2  # said by the Delay that reads what Plus makes of it
    graph = xn.Graph()
    graph.output("y", graph(xn.Tanh(), graph.input("x")))
    assert step_ndim(graph.plan(), 0) is None


def test_boxes_that_no_output_needs_are_dropped(step):
    kept = needed(step.boxes, step.outputs[1:])
    assert {box.name for box in kept} == {"before", "delay", "loop", "free_tanh", "free"}


def test_nested_machines_are_taken_apart_but_not_those_over_time():
    inner = xn.Cascade(xn.Linear(2, 2), xn.Cascade(xn.Tanh(), xn.Linear(2, 2)))
    shift = xn.Graph()
    shift.output("y", shift(modules.Delay(2), shift.input("x")))
    outer = xn.Graph()
    x = outer.input("x")
    h = outer(inner, x, name="inner")
    outer.output("y", outer(xn.Plus(), outer(inner, h, name="again"), outer(shift, h, name="shift"), name="plus"))
    plan = inlined(outer.plan())
    assert {box.name for box in plan.boxes} == {
        "inner.0", "inner.1.0", "inner.1.1", "again.0", "again.1.0", "again.1.1", "shift", "plus",
    }  # fmt: skip
    assert len({wire for box in plan.boxes for wire in box.outputs}) == len(plan.boxes)
