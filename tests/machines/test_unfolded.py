"""Graphs with Delays: a recurrent machine, the unfolded one, and one wired by hand are the same."""

import numpy as np
import pytest

import xpnet as xn
from xpnet import modules
from xpnet.errors import GraphError, ShapeError
from xpnet.machines.equivalences import equivalent
from xpnet.machines.recurrent import Recurrent, simple_cell
from xpnet.machines.unfolded import KEPT, Unfolded, unfold

T, F, H = 4, 3, 2


def looped(cell, initial="zeros"):
    """z = cell(x, z⁻¹)."""
    graph = xn.Graph()
    x, z = graph.input("x"), graph.wire("z")
    graph(cell, x, graph(modules.Delay(H, initial), z), to=z)
    graph.output("z", z)
    return graph


def by_hand(cell, steps):
    """The unfolded net, wired without any of the machinery: one replica after the other, one set of weights."""
    graph = xn.Graph()
    xs = graph(modules.Unstack(steps), graph.input("x"))
    z = graph(modules.Given([0.0] * H))
    zs = []
    for t in range(steps):
        z = graph(cell, xs[t] if steps > 1 else xs, z)
        zs.append(z)
    graph.output("z", graph(modules.Stack(), *zs))
    return graph


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_recurrent_machine_graph_with_delay_and_unfolded_net_are_equivalent(backend, rng, steps):
    cell = simple_cell(F, H)
    xn.ParameterStore(cell, backend)
    x = backend.asarray(rng.normal(size=(3, steps, F)))
    reference = by_hand(cell, steps).bind(backend)
    for machine in (Recurrent(cell, H), looped(cell), unfold(looped(cell), steps), Recurrent(cell, H, hoist=True)):
        report = equivalent(reference, machine, x)
        assert report, str(report)
        assert len(report.comparisons) == 5


def test_weights_are_shared_by_all_steps(numpy64, rng):
    """One set of parameters, whatever T; the gradient is the sum over the replicas."""
    cell = simple_cell(F, H)
    machine = unfold(looped(cell), T)
    store = xn.ParameterStore(machine, numpy64)
    assert len(store) == 3
    assert len(machine.plan_for([xn.State(rng.normal(size=(T, F))), xn.State()]).boxes) == T + 3


def test_two_delays_reach_two_steps_back(numpy64):
    """Fibonacci's numbers: z_{t+1} = z_t + z_{t-1} + x_t."""
    graph = xn.Graph()
    x, z = graph.input("x"), graph.wire("z")
    once = graph(modules.Delay(1), z)
    graph(xn.Plus(), x, once, graph(modules.Delay(1), once), to=z)
    graph.output("z", z)
    x, z = xn.State(np.eye(8)[:, :1]), xn.State()
    graph.fprop(x, z)
    assert z.x[:, 0].tolist() == [1, 1, 2, 3, 5, 8, 13, 21]
    z.accumulate(np.eye(8)[:, -1:])
    graph.bprop(x, z)
    assert x.dx[:, 0].tolist() == [21, 13, 8, 5, 3, 2, 1, 1]


def test_a_delay_outside_a_loop_is_a_shift_either_way(numpy64, rng):
    graph = xn.Graph()
    x = graph.input("x")
    graph.output("y", graph(xn.Plus(), x, graph(modules.Delay(F, "trainable"), x)))
    store = xn.ParameterStore(graph, numpy64)
    store["delay1.initial"].x = rng.normal(size=F)
    assert not graph.plan().recurrent
    report = equivalent(graph, unfold(graph, T), rng.normal(size=(2, T, F)))
    assert report, str(report)
    assert len(report.comparisons) == 3


def test_loops_through_loops_with_everything_hoisted(numpy64, rng):
    """A read-out, an energy at each step, a shared module before and after the loop, and a constant label."""

    def wired(shared):
        graph = xn.Graph()
        x, y = graph.input("x"), graph.input("y", constant=True)
        z, squash = graph.wire("z"), xn.Tanh()
        before = graph(squash, graph(encoder, x))
        graph(xn.Sigmoid(), graph(mix, graph(xn.Concatenate(), before, graph(delay, z))), to=z)
        seen = graph(readout, z) if not shared else graph(encoder, graph(widen, z))
        graph.output("energy", graph(xn.Euclidean(), seen, y))
        graph.output("before", before)
        graph.output("z", z)
        return graph

    encoder, readout, widen = xn.Linear(F, H), xn.Linear(H, H), xn.Linear(H, F)
    mix, delay = xn.Linear(2 * H, H), modules.Delay(H, "trainable")
    for shared in (False, True):
        graph = wired(shared)
        xn.ParameterStore(graph, numpy64)
        inputs = rng.normal(size=(5, T, F)), rng.normal(size=(5, H))
        for options in ({}, {"last": True}, {"lengths": True}, {"lengths": True, "last": True}):
            ends = [np.asarray([4, 1, 2, 3, 4])] if "lengths" in options else []
            plain, hoisted = Unfolded(graph, **options), Unfolded(graph, hoist=True, **options)
            report = equivalent(plain, hoisted, *inputs, *ends)
            assert report, str(report)


def test_outputs_are_carried_on_after_the_end(numpy64, rng):
    cell = xn.Graph()
    x, z = cell.input("x"), cell.input("z")
    new = cell(xn.Tanh(), cell(xn.Linear(F + H, H), cell(xn.Concatenate(), x, z)))
    cell.output("z", new)
    cell.output("y", cell(xn.Linear(H, 1), new))
    plain, held = Recurrent(cell, H), Recurrent(cell, H, lengths=True)
    last = Recurrent(cell, H, lengths=True, last=True)
    x, n = rng.normal(size=(2, T, F)), np.asarray([2, T])
    found = [xn.State(), xn.State(), xn.State()]
    plain.bind(numpy64).fprop(xn.State(x), found[0])
    held.bind(numpy64).fprop(xn.State(x), xn.State(n, fixed=True), found[1])
    last.bind(numpy64).fprop(xn.State(x), xn.State(n, fixed=True), found[2])
    assert (found[1].x[0, :2] == found[0].x[0, :2]).all()
    assert (found[1].x[0, 2:] == found[0].x[0, 1]).all()
    assert (found[2].x == np.stack([found[0].x[0, 1], found[0].x[1, T - 1]])).all()


def test_steps_of_scalars_and_of_matrices(numpy64, rng):
    """Events of any number of axes: energies that add up, and matrices that decay."""
    sums = Recurrent(xn.Plus(), ())
    out = xn.State()
    graph = xn.Graph()
    x, z = graph.input("x"), graph.wire("z")
    graph(xn.Plus(), graph(xn.Logsum(), x), graph(modules.Delay(), z), to=z)
    graph.output("total", z)
    state = xn.State(rng.normal(size=(3, T, F)))
    graph.bind(numpy64).fprop(state, out)
    np.testing.assert_allclose(out.x, np.cumsum(-np.log(np.exp(-state.x).sum(-1)), 1), rtol=1e-12)
    matrices = xn.State(rng.normal(size=(T, 2, 2)))
    graph = xn.Graph()
    x, z = graph.input("x"), graph.wire("z")
    graph(xn.Plus(), x, graph(xn.Tanh(), graph(modules.Delay((2, 2)), z)), to=z)
    graph.output("z", z)
    graph.bind(numpy64).fprop(matrices, out)
    z = np.zeros((2, 2))
    for t in range(T):
        z = matrices.x[t] + np.tanh(z)
    np.testing.assert_allclose(out.x[-1], z, rtol=1e-12)
    assert sums.event_ndims == (1,)


def test_a_recurrent_graph_is_a_box_of_other_machines(numpy64, rng):
    """Two recurrent machines on top of each other, then a read-out, then a cost over time."""
    machine = xn.Cascade(looped(simple_cell(F, H)), Recurrent(simple_cell(H, H), H, last=True), xn.Linear(H, 2))
    xn.ParameterStore(machine, numpy64)
    assert machine.event_ndims == (2,)
    x, out = xn.State(rng.normal(size=(5, T, F))), xn.State()
    machine.fprop(x, out)
    assert out.x.shape == (5, 2)
    out.accumulate(np.ones((5, 2)))
    machine.bprop(x, out)
    step = 1e-6
    bumped = x.x.copy()
    bumped[2, 1, 0] += step
    up = xn.State()
    machine.fprop(xn.State(bumped), up)
    assert x.dx[2, 1, 0] == pytest.approx((up.x.sum() - out.x.sum()) / step, rel=1e-4)


def test_fixed_samples_cost_no_input_gradient(numpy64, rng):
    machine = Recurrent(simple_cell(F, H), H).bind(numpy64)
    x, out = xn.State(rng.normal(size=(T, F)), fixed=True), xn.State()
    machine.fprop(x, out)
    assert all(machine.wires(out)[wire].fixed for wire in machine.plan_for([x, out]).carriers)
    out.accumulate(np.ones((T, H)))
    machine.bprop(x, out)
    assert x.dx is None


def test_plans_are_kept_for_a_few_lengths_and_made_anew_when_the_wiring_changes(numpy64, rng):
    machine = Recurrent(xn.Plus(), 1).bind(numpy64)
    for steps in range(1, KEPT + 10):
        machine.fprop(xn.State(np.ones((steps, 1))), xn.State())
    assert len(machine._plans) == KEPT
    graph = xn.Graph()
    x, z = graph.input("x"), graph.wire("z")
    graph(xn.Plus(), x, graph(modules.Delay(1), z), to=z)
    graph.output("z", z)
    first, second, twice = xn.State(), xn.State(), xn.State()
    graph.bind(numpy64).fprop(xn.State(np.ones((2, 1))), first)
    graph.output("again", graph(xn.Plus(), z, z))
    graph.fprop(xn.State(np.ones((2, 1))), second, twice)
    assert (twice.x == 2 * first.x).all()


def test_a_cycle_without_a_delay_offers_one():
    graph = xn.Graph()
    x, z = graph.input("x"), graph.wire("z")
    graph(xn.Plus(), x, graph(xn.Tanh(), z), to=z)
    graph.output("z", z)
    with pytest.raises(GraphError, match=r"cycle through .*Delay in the loop, graph\(Delay\(size\), wire\)"):
        graph.plan()


def test_sequences_of_other_lengths_are_errors(numpy64):
    machine = unfold(looped(simple_cell(F, H)), T)
    with pytest.raises(ShapeError, match="unfolded over 4 steps; got sequences of 5"):
        machine.fprop(xn.State(np.zeros((5, F))), xn.State())
    graph = xn.Graph()
    a, b, z = graph.input("a"), graph.input("b"), graph.wire("z")
    graph(xn.Plus(), a, b, graph(modules.Delay(1), z), to=z)
    graph.output("z", z)
    with pytest.raises(ShapeError, match=r"one and the same length.*lengths=True"):
        graph.fprop(xn.State(np.zeros((5, 1))), xn.State(np.zeros((4, 1))), xn.State())


def test_an_initial_state_that_changes_with_time_is_an_error(numpy64):
    graph = xn.Graph()
    x, first, z = graph.input("x"), graph.input("first"), graph.wire("z")
    graph(xn.Plus(), x, graph(modules.Delay(1, "given"), z, first), to=z)
    graph.output("z", z)
    with pytest.raises(GraphError, match="constant=True"):
        graph.fprop(xn.State(np.zeros((5, 1))), xn.State(np.zeros((5, 1))), xn.State())
