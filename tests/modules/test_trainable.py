"""A parameter as a wire."""

import numpy as np

import xpnet as xn
from xpnet.modules import Trainable
from xpnet.parameters.initializers import given


def test_a_label_set_learns(numpy64):
    """E = ½ ‖X - W‖²: the trainable code moves to the sample."""
    graph = xn.Graph()
    code = graph(Trainable((2,), given(np.asarray([1.0, 0.0]))), name="code")
    graph.output("energy", graph(xn.Euclidean(), graph.input("x"), code))
    store = xn.ParameterStore(graph, numpy64)
    assert store.names == ["code.value"]
    x, energy = xn.State(np.asarray([3.0, 4.0]), fixed=True), xn.State()
    graph.fprop(x, energy)
    energy.accumulate(np.ones(()))
    graph.bprop(x, energy)
    assert store["code.value"].dx.tolist() == [-2.0, -4.0]
    xn.Sgd(learning_rate=1.0).update(store)
    assert store["code.value"].x.tolist() == [3.0, 4.0]


def test_sparse_declares_a_parameter_that_takes_rows(numpy64):
    machine, y = Trainable((3, 2), sparse=True), xn.State()
    store = xn.ParameterStore(machine, numpy64)
    machine.fprop(y)
    assert y.x.tolist() == [[0, 0]] * 3
    machine.value.accumulate_rows(np.asarray([2]), np.ones((1, 2)))
    xn.Sgd(1.0).update(store)
    assert machine.value.x.tolist() == [[0, 0], [0, 0], [-1, -1]]
    machine.fprop(y)
    y.accumulate(np.ones((3, 2)))
    machine.bprop(y)
    assert (machine.value.whole, machine.value.touched) == (True, False)
    assert (repr(machine), repr(Trainable((3,)))) == ("Trainable((3, 2), sparse=True)", "Trainable((3,))")
