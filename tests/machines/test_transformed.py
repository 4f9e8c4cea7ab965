"""What the transformed machines are made of; that they are equal to what they came from is tests of equivalences."""

import numpy as np
import pytest

import xpnet as xn
from xpnet import modules
from xpnet.errors import GraphError
from xpnet.machines.transformed import PathSeparated, Replicas, softmax_form, switch_form, to_energy_loss


def test_the_energy_loss_machine_has_one_replica_for_the_desired_output_and_one_for_all():
    machine = xn.Linear(2, 3)
    boxes = {box.name: box.module for box in to_energy_loss(machine, xn.Euclidean(), np.eye(3), 2.0).plan().boxes}
    assert boxes["machine"] is boxes["replica"] is machine
    assert boxes["desired"] is boxes["all"]
    assert boxes["free_energy"].beta == 2.0


def test_a_desired_label_alone_costs_nothing(numpy64, rng):
    """With a single label there is nothing to tell apart: the loss and its gradients are zero."""
    machine = to_energy_loss(xn.Linear(2, 3), xn.Euclidean(), np.ones((1, 3)))
    xn.ParameterStore(machine, numpy64)
    x, y, loss = xn.State(rng.normal(size=(4, 2))), xn.State(np.ones((4, 3))), xn.State()
    machine.fprop(x, y, loss)
    np.testing.assert_allclose(loss.x, 0.0, atol=1e-14)
    loss.accumulate(np.ones(4))
    machine.bprop(x, y, loss)
    np.testing.assert_allclose(x.dx, 0.0, atol=1e-14)


@pytest.mark.parametrize("form", [lambda machine: switch_form(machine, 4), softmax_form])
def test_the_lectures_example(numpy64, form):
    """P = (.1, .1, .7, .1) and the third is desired: log(1/.7) = 0.3567."""
    loss = xn.State()
    energies = xn.State(-np.log([0.1, 0.1, 0.7, 0.1]))
    machine = form(xn.Plus())
    machine.fprop(energies, xn.State(np.asarray(2), fixed=True), loss)
    assert loss.x == pytest.approx(0.356674944, abs=5e-10)
    loss.accumulate(np.ones(()))
    machine.bprop(energies, xn.State(np.asarray(2), fixed=True), loss)
    np.testing.assert_allclose(energies.dx, [-0.1, -0.1, 0.3, -0.1], atol=1e-12)


def test_replicas_have_weights_of_their_own_unless_shared():
    machine = xn.Linear(2, 2)
    assert len(xn.ParameterStore(Replicas(machine, 3))) == 6
    assert len(xn.ParameterStore(Replicas(machine, 3, shared=True))) == 2


def test_a_recurrent_graph_has_endless_paths():
    graph = xn.Graph()
    x, z = graph.input("x"), graph.wire("z")
    graph(xn.Plus(), x, graph(modules.Delay(1), z), to=z)
    graph.output("z", z)
    with pytest.raises(GraphError, match="endless paths; unfold it first"):
        PathSeparated(graph)
