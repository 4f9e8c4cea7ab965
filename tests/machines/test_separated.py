"""A machine in two: run early once, late for each value, and take the gradients back in the other order."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.machines.schedule import inlined
from xpnet.machines.separated import Part, separated
from xpnet.modules import Given, Sum, Times, Trainable


def normal(generator, shape):
    return generator.normal(size=shape)


def graph_of(build):
    if build is label_not_read:
        return build()
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    graph.output("energy", graph(Sum(), build(graph, x, y)))
    return graph


def plain(graph, x, y):
    return graph(xn.Plus(), graph(xn.Tanh(), graph(xn.Linear(3, 3), x)), graph(xn.Linear(3, 3), y))


def label_not_read():
    """An energy of X alone, of which the label is an input all the same."""
    graph = xn.Graph()
    graph.output("energy", graph(Sum(), graph(xn.Linear(3, 3), graph.input("x"))))
    plan = graph.plan()
    return Part(plan.boxes, (*plan.inputs, plan.n_wires), plan.outputs)


def raw_inputs_on_both_sides(graph, x, y):
    early = graph(Times(), graph(xn.Linear(3, 3), x), x)
    return graph(Times(), graph(xn.Plus(), early, y), x)


def several_kept(graph, x, y):
    a, b = graph(xn.Linear(3, 3), x), graph(xn.Tanh(), x)
    c = graph(Times(), a, b)
    return graph(xn.Plus(), graph(Times(), a, y), graph(Times(), b, graph(xn.Tanh(), y)), c)


def boxes_without_inputs(graph, x, y):
    code, fixed = graph(Trainable((3,), normal)), graph(Given(np.arange(3.0)))
    late = graph(Times(), y, graph(xn.Tanh(), code))
    return graph(xn.Plus(), late, graph(Times(), graph(xn.Linear(3, 3), x), fixed), code)


def nothing_early(graph, x, y):
    return graph(xn.Tanh(), graph(xn.Plus(), x, y))


def twice_the_same(graph, x, y):
    f = xn.Linear(3, 3)
    return graph(Times(), graph(f, x), graph(f, y))


BUILDS = [
    plain, label_not_read, raw_inputs_on_both_sides, several_kept, boxes_without_inputs, nothing_early, twice_the_same
]  # fmt: skip


def run_in_two(parts, plan, inputs, chunks):
    """early once, late for each chunk of labels, their bprops in the other order: energies and the inputs' gradients.

    chunks: (labels, dE) of each run.
    """
    states = {wire: xn.State(inputs.get(wire)) for wire in {*plan.inputs, *parts.kept}}
    early = [states[wire] for wire in (*parts.early_inputs, *parts.kept)]
    if parts.early is not None:
        parts.early.fprop(*early)
    energies, dys = [], []
    for label, de in chunks:
        late = {**states, plan.inputs[1]: xn.State(label)}
        energy = xn.State()
        parts.late.fprop(*(late[wire] for wire in parts.late_inputs), energy)
        energy.accumulate(de if energy.x.shape == de.shape else de.sum(axis=-1, keepdims=True))
        parts.late.bprop(*(late[wire] for wire in parts.late_inputs), energy)
        energies.append(np.broadcast_to(energy.x, de.shape))
        dys.append(late[plan.inputs[1]].dx)
    if parts.early is not None:
        parts.early.bprop(*early)
    dy = None if dys[0] is None else np.concatenate(dys)
    return np.concatenate(energies, axis=-1), states[plan.inputs[0]].dx, dy


@pytest.mark.parametrize("size", [1, 3, 7])
@pytest.mark.parametrize("build", BUILDS, ids=lambda build: build.__name__)
def test_early_once_and_late_for_each_chunk_is_the_whole_machine(numpy64, rng, build, size):
    graph = graph_of(build)
    store = xn.ParameterStore(graph, numpy64)
    x, y, dy = rng.normal(size=(4, 1, 3)), rng.normal(size=(7, 3)), rng.normal(size=(4, 7))
    plan = inlined(graph.plan())
    parts = separated(plan, [plan.inputs[1]])
    chunks = [(y[start : start + size], dy[:, start : start + size]) for start in range(0, 7, size)]
    energies, dx, dlabel = run_in_two(parts, plan, {plan.inputs[0]: x}, chunks)
    found = store.gradients()
    store.clear()
    a, b, energy = xn.State(x), xn.State(y), xn.State()
    graph.fprop(a, b, energy)
    energy.accumulate(dy if energy.x.shape == dy.shape else dy.sum(axis=-1, keepdims=True))
    graph.bprop(a, b, energy)
    np.testing.assert_allclose(energies, np.broadcast_to(energy.x, dy.shape), rtol=1e-13)
    np.testing.assert_allclose(dx, a.dx, rtol=1e-12, atol=1e-13)
    assert (dlabel is None) == (b.dx is None)
    if dlabel is not None:
        np.testing.assert_allclose(dlabel, b.dx, rtol=1e-12, atol=1e-13)
    for name, value in store.gradients().items():
        np.testing.assert_allclose(found[name], value, rtol=1e-12, atol=1e-13, err_msg=name)


def parts_of(build, **options):
    plan = inlined(graph_of(build).plan())
    return plan, separated(plan, [plan.inputs[1]], **options)


def names(part):
    return [] if part is None else [type(box.module).__name__ for box in part.plan().boxes]


def test_each_box_is_in_one_part_in_its_order():
    plan, parts = parts_of(plain)
    assert names(parts.early) == ["Linear", "Tanh"]
    assert names(parts.late) == ["Linear", "Plus", "Sum"]
    assert parts.early_inputs == plan.inputs[:1]
    assert parts.late_inputs == (*parts.kept, plan.inputs[1])
    assert len(parts.kept) == 1


def test_all_wires_that_late_reads_are_kept_once():
    _, parts = parts_of(several_kept)
    assert len(parts.kept) == len(set(parts.kept)) == 3
    assert names(parts.early) == ["Linear", "Tanh", "Times"]


def test_raw_inputs_are_read_by_both():
    plan, parts = parts_of(raw_inputs_on_both_sides)
    assert parts.early_inputs == plan.inputs[:1]
    assert set(plan.inputs) <= set(parts.late_inputs)


def test_what_depends_on_nothing_runs_early():
    _, parts = parts_of(boxes_without_inputs)
    assert names(parts.early).count("Trainable") == names(parts.early).count("Given") == 1
    assert not {"Trainable", "Given"} & set(names(parts.late))


def test_where_nothing_can_run_early_there_is_no_such_part():
    _, parts = parts_of(nothing_early)
    assert parts.early is None
    assert parts.kept == parts.early_inputs == ()
    assert names(parts.late) == ["Plus", "Tanh", "Sum"]


def test_a_label_that_is_not_read_leaves_everything_late():
    plan, parts = parts_of(label_not_read)
    assert parts.early is None
    assert names(parts.late) == ["Linear", "Sum"]
    assert parts.late_inputs == plan.inputs


def test_wires_may_be_kept_that_late_does_not_read():
    plan, parts = parts_of(plain)
    inner = plan.boxes[0].outputs[0]
    _, more = parts_of(plain, keep=[inner])
    assert more.kept == (*parts.kept, inner)
    assert more.late_inputs == (*more.kept, plan.inputs[1])
    driven_late = plan.outputs[0]
    assert parts_of(plain, keep=[driven_late, *parts.kept])[1].kept == parts.kept


def test_a_part_is_a_machine_that_tells_its_boxes():
    _, parts = parts_of(plain)
    assert isinstance(parts.late, Part)
    assert repr(parts.late) == f"Part({', '.join(box.name for box in parts.late.plan().boxes)})"
    assert sorted(name for name, *_ in parts.early.named_parameters()) == ["linear1.bias", "linear1.weight"]
