"""The receptive field of a machine against what moves when an input step moves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xpnet as xn
from xpnet.errors import GraphError
from xpnet.machines.receptive_field import ReceptiveField, receptive_field
from xpnet.machines.tdnn import tdnn
from xpnet.modules import AveragePooling
from xpnet.modules.delay import Delay
from xpnet.ops.window import Window

windows = st.builds(Window, st.integers(1, 3), st.integers(1, 2), st.integers(1, 2))


@given(st.lists(windows, min_size=1, max_size=3))
def test_exactly_these_steps_influence_an_output(layers):
    """Without holes by dilation, every step in the window is seen; with them, the first and the last."""
    numpy64 = xn.get_backend("numpy", dtype="float64")
    machine = tdnn([1] * (len(layers) + 1), layers, squasher=None)
    xn.ParameterStore(machine, numpy64)
    for layer in machine.modules:
        layer.weight.x = np.ones(layer.weight.shape)
    field = receptive_field(machine)
    length = field.steps(2).stop + 1
    x, y = xn.State(np.ones((length, 1))), xn.State()
    machine.fprop(x, y)
    assert y.x.shape[0] >= 3
    for t in range(3):
        dy = np.zeros(y.x.shape)
        dy[t] = 1.0
        x.clear()
        y.clear()
        y.accumulate(dy)
        machine.bprop(x, y)
        seen = np.nonzero(x.dx[:, 0])[0]
        assert (seen[0], seen[-1] + 1) == (field.steps(t).start, field.steps(t).stop)
        if all(layer.dilation == 1 and layer.stride <= layer.width for layer in layers):
            assert len(seen) == field.reach


def test_the_lectures_two_layers_of_three_see_five_steps():
    assert receptive_field(tdnn([2, 4, 1], [3, 3])) == ReceptiveField(reach=5, stride=1)


def test_layers_within_layers_pooling_symbols_and_steps():
    machine = xn.Cascade(
        xn.Lookup(27, 4), xn.Cascade(xn.TimeDelay(3), xn.Linear(12, 5), xn.Tanh()), AveragePooling((2,)), xn.Softmax()
    )
    assert receptive_field(machine) == ReceptiveField(reach=4, stride=2)
    assert receptive_field(xn.Linear(3, 2)) == ReceptiveField()


def test_where_paths_meet_the_widest_counts():
    graph = xn.Graph()
    x = graph.input("x")
    wide = graph(xn.Convolution(1, 2, kernel=5), x)
    narrow = graph(xn.Convolution(1, 2, kernel=3, dilation=2), x)
    graph.output("y", graph(xn.Plus(), wide, narrow))
    assert receptive_field(graph) == ReceptiveField(reach=5)


def test_refusals():
    graph = xn.Graph()
    x = graph.input("x")
    graph.output("y", graph(xn.Plus(), graph(xn.TimeDelay(2), x), graph(xn.TimeDelay(2, stride=2), x)))
    with pytest.raises(GraphError, match=r"different strides \[1, 2\]"):
        receptive_field(graph)
    with pytest.raises(GraphError, match="no time-delay layer"):
        receptive_field(xn.ImageConvolution(1, 1, 2))


def test_a_recurrent_machine_has_none():
    graph = xn.Graph()
    x, z = graph.input("x"), graph.wire("z")
    graph(xn.Tanh(), graph(xn.Linear(5, 2), graph(xn.Concatenate(), x, graph(Delay(2), z))), to=z)
    graph.output("y", z)
    with pytest.raises(GraphError, match="recurrent"):
        receptive_field(graph)
