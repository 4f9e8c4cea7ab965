"""All energies of a placed sample at once: masks, one more label, offsets and junk behind them, and their way back."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.inference.all_energies import AllEnergies
from xpnet.inference.energy_function import EnergyFunction
from xpnet.inference.labels import Labels

X = np.asarray([[[1.0]], [[3.0]]])  # two samples, with an axis for labels
CODES = np.asarray([[0.0], [1.0], [5.0]])
ENERGIES = np.asarray([[0.5, 0.0, 8.0], [4.5, 2.0, 2.0]])  # ½ (x - y)²


@pytest.fixture
def made(numpy64):
    """A bias of 0 with the Euclidean cost: energies ½ (x + b - y)²."""
    machine, junk = xn.Bias(1), xn.Junk(0.25, trainable=True)
    store = xn.ParameterStore(xn.machines.energy_machine.energy_machine(machine, xn.Euclidean(), junk), numpy64)
    function = EnergyFunction(machine, xn.Euclidean())
    function.place(X)
    return function, junk, store, Labels(numpy64, CODES, 1)


def test_only_the_labels(made):
    function, _, _, labels = made
    every = AllEnergies(function)
    assert every.fprop(labels) is every.energy
    np.testing.assert_allclose(every.energy.x, ENERGIES)
    np.testing.assert_array_equal(every.output.x, CODES)


def test_everything_stands_behind_in_its_order(made):
    function, junk, _, labels = made
    found = AllEnergies(function, junk).fprop(
        labels,
        lambda count: np.arange(count) != 1,
        beside=np.asarray([[3.0], [4.0]]),
        offsets=np.asarray([[1.0, 2.0, 3.0]]),
    )
    np.testing.assert_allclose(found.x, [[1.5, np.inf, 11, 2.0, 0.25], [5.5, np.inf, 5, 0.5, 0.25]])


def test_gradients_reach_the_machine_through_all_of_it(made):
    function, junk, store, labels = made
    every = AllEnergies(function, junk)
    found = every.fprop(
        labels, lambda count: np.arange(count) != 1, beside=np.asarray([[3.0], [4.0]]), offsets=np.ones((1, 3))
    )
    found.accumulate(np.asarray([[1.0, 100.0, 2.0, 3.0, 7.0], [4.0, 100.0, 5.0, 6.0, 8.0]]))
    every.bprop()
    of_x = [1 * 1 + 2 * (1 - 5) + 3 * (1 - 3), 4 * 3 + 5 * (3 - 5) + 6 * (3 - 4)]  # Σ dE (x - y)
    assert store.gradients()["machine.bias"].tolist() == [sum(of_x)]
    assert float(junk.energy.dx) == 15.0


def test_nothing_is_left_of_an_earlier_evaluation(made):
    function, junk, store, labels = made
    every = AllEnergies(function, junk)
    every.fprop(labels, lambda count: np.zeros(count, bool), beside=np.ones((2, 1)))
    store.clear()
    function.place(X)
    every.fprop(labels).accumulate(np.asarray([[1.0, 0, 0, 0], [0, 0, 0, 0]]))
    every.bprop()
    assert store.gradients()["machine.bias"].tolist() == [1.0]


def test_no_mask_where_all_are_present(made):
    function, _, _, labels = made
    every, asked = AllEnergies(function), []
    every.fprop(labels, lambda count: asked.append(count))
    assert asked == [3]
    np.testing.assert_allclose(every.energy.x, ENERGIES)


def test_a_discriminant_machine_has_no_labels(numpy64, rng):
    machine = xn.Linear(2, 3)
    xn.ParameterStore(machine, numpy64)
    function = EnergyFunction(machine, None)
    x = rng.normal(size=(4, 2))
    function.place(x)
    every = AllEnergies(function, xn.Junk(9.0))
    found = every.fprop(None, lambda count: np.arange(count) > 0)
    wanted = np.concatenate([x @ machine.weight.x.T + machine.bias.x, np.full((4, 1), 9.0)], axis=-1)
    wanted[:, 0] = np.inf
    np.testing.assert_allclose(found.x, wanted)
    found.accumulate(np.ones((4, 4)))
    every.bprop()
    assert machine.bias.dx.tolist() == [0, 4, 4]
    assert every.output.x is None


def test_what_has_to_be_bound(made):
    function, junk, _, _ = made
    assert AllEnergies(function, junk).modules()[-1] is junk
    assert len(AllEnergies(function).modules()) == 3
