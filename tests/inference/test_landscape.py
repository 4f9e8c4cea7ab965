"""The energy of one input: its values and slopes, what runs once, and what does not fit."""

import numpy as np
import pytest
from valleys import Barrier, Slide, fitted, neural

import xpnet as xn
from xpnet.errors import GraphError, ShapeError
from xpnet.inference.landscape import Landscape, event_ndim_of, searched
from xpnet.machines.wiring import DeadWireWarning
from xpnet.modules import Reshape, Select, Times


class Counting(xn.Module):
    """Y = X, counting its passes."""

    event_ndims = (1,)

    def __init__(self):
        self.passes = []

    def fprop(self, input, output):
        self.passes.append("fprop")
        output.x = input.x

    def bprop(self, input, output):
        self.passes.append("bprop")
        input.accumulate(output.cotangent)


def test_energies_and_slopes_of_every_replica(backend, close, rng):
    machine = fitted()
    store = xn.ParameterStore(machine, backend)
    x, y = rng.normal(size=(4, 5)), rng.normal(size=(2, 4, 3))
    point = Landscape(machine, [x, None], (3,)).at(backend.asarray(y))
    w, b = (store.state_dict()[f"linear.{name}"].astype("float64") for name in ("weight", "bias"))
    away = y @ w.T + b - x
    close(point.energy, 0.5 * (away**2).sum(-1), 20)
    close(point.slope, away @ w, 20)


@pytest.mark.parametrize("position", [0, 1])
def test_slopes_are_central_differences(numpy64, rng, position):
    machine = neural()
    xn.ParameterStore(machine, numpy64)
    values = [rng.normal(size=3), rng.normal(size=2)]
    inputs = [None if k == position else value for k, value in enumerate(values)]
    landscape = Landscape(machine, inputs, values[position].shape)
    for k, slope in enumerate(landscape.at(values[position]).slope):
        step = 1e-6 * np.eye(len(values[position]))[k]
        up, down = (landscape.at(values[position] + sign * step).energy for sign in (1, -1))
        assert slope == pytest.approx((up - down) / 2e-6, abs=1e-7)


def test_what_does_not_depend_on_the_searched_input_runs_once(numpy64):
    early, late = Counting(), Counting()
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    graph.output("energy", graph(xn.Euclidean(), graph(xn.Cascade(early), x), graph(late, y)))
    landscape = Landscape(graph, [np.ones((4, 2)), None], (2,))
    for _ in range(3):
        landscape.at(np.ones((4, 2)))
    assert early.passes == ["fprop"]
    assert late.passes == ["fprop", "bprop"] * 3


def test_events_of_several_axes_and_of_none(numpy64, rng):
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    flat = graph(Reshape((2, 3), (6,)), y)
    graph.output("energy", graph(xn.Euclidean(), x, flat))
    landscape = Landscape(graph, [np.zeros(6), None], (2, 3))
    y = rng.normal(size=(5, 2, 3))
    point = landscape.at(landscape.flat(y))
    np.testing.assert_allclose(point.slope, y.reshape(5, 6))
    np.testing.assert_array_equal(landscape.shaped(landscape.flat(y)), y)
    product = Landscape(Times(), [np.asarray([2.0, 3.0]), None], ())
    point = product.at(np.asarray([[5.0], [7.0]]))
    np.testing.assert_array_equal(point.energy, [10.0, 21.0])
    np.testing.assert_array_equal(point.slope, [[2.0], [3.0]])


def test_each_energy_has_a_replica(numpy64):
    landscape = Landscape(xn.Euclidean(), [np.ones((4, 1, 3)), None], (3,))
    assert landscape.replicas(np.ones((5, 3))).shape == (4, 5, 3)
    assert landscape.replicas(np.ones(3)).shape == (4, 1, 3)


def test_states_enter_as_they_are(backend):
    switch = xn.Switch(event_ndim=0)
    label = xn.State(backend.indices([1, 0]))
    point = Landscape(switch, [None, [3.0, 4.0], label], ()).at(backend.asarray([[1.0], [2.0]]))
    assert backend.to_numpy(point.energy).tolist() == [3.0, 2.0]
    assert backend.to_numpy(point.slope).tolist() == [[0.0], [1.0]]
    assert label.dx is None


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_is_not_finite_is_infinitely_high(backend):
    point = Landscape(Barrier(), [None], (1,)).at(backend.asarray([[-1.0], [0.0], [1.0], [np.nan]]))
    assert backend.to_numpy(point.energy).tolist() == [np.inf, np.inf, 1.0, np.inf]
    assert backend.to_numpy(point.slope).tolist() == [[0.0]] * 4
    point = Landscape(Slide(), [None], (1,)).at(backend.asarray([[0.0], [1e4]]))
    assert backend.to_numpy(point.energy).tolist() == [-1.0, np.inf]


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
def test_a_slope_that_is_not_finite_counts_as_well(numpy64):
    class Root(xn.Module):
        event_ndims = (1,)

        def fprop(self, y, energy):
            energy.x = np.sum(np.sqrt(y.x), axis=-1)

        def bprop(self, y, energy):
            y.accumulate(energy.cotangent[..., None] * 0.5 / np.sqrt(y.x))

    point = Landscape(Root(), [None], (2,)).at(np.asarray([[0.0, 1.0], [4.0, 1.0]]))
    assert point.energy.tolist() == [np.inf, 3.0]
    assert point.slope.tolist() == [[0.0, 0.0], [0.25, 0.5]]


@pytest.mark.parametrize(
    ("machine", "inputs", "error", "text"),
    [
        (xn.Euclidean(), [None], ShapeError, "Euclidean has 2 inputs; got 1. Give one array for each, and None"),
        (xn.Euclidean(), [None, None], ShapeError, "the one given as None; 2 of 2 are None"),
        (xn.Euclidean(), [np.ones(2), np.ones(2)], ShapeError, "0 of 2 are None. Search for one and fix the others"),
        (xn.Branch(2), [None], GraphError, "one output, its energy; Branch has 2"),
        (xn.Euclidean, [None], GraphError, "what inference descends on must be a module; got the class Euclidean"),
    ],
)
def test_what_cannot_be_searched(machine, inputs, error, text):
    with pytest.raises(error) as caught:
        searched(machine, inputs)
    assert text in str(caught.value)


def test_an_output_that_is_no_energy(numpy64):
    landscape = Landscape(xn.Linear(3, 2), [None], (3,))
    with pytest.raises(ShapeError, match=r"one energy for each of the values \(4, 3\), so shape \(4,\).* \(4, 2\)"):
        landscape.at(numpy64.ones((4, 3)))


def test_an_energy_without_the_searched_input(numpy64):
    graph = xn.Graph()
    x = graph.input("x")
    graph.input("y")
    graph.output("energy", graph(xn.Logsum(), x))
    with pytest.warns(DeadWireWarning, match="y"):
        landscape = Landscape(graph, [np.ones((4, 3)), None], (2,))
    with pytest.raises(GraphError, match="no gradient of the energy came back to input 1"):
        landscape.at(np.ones((4, 2)))


def test_event_axes_come_from_the_machine_or_are_asked_for():
    assert event_ndim_of(xn.Euclidean(), 1) == 1
    assert event_ndim_of(Reshape((2, 3), (6,)), 0) == 2
    assert event_ndim_of(Select(), 1) == 0
    assert event_ndim_of(xn.Concatenate(), 3) == 1
    with pytest.raises(ShapeError, match=r"input 1 of Times may have any .* event_ndim=1"):
        event_ndim_of(Times(), 1)
