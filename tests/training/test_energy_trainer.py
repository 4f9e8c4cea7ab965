"""What both trainers share: inference, the ways a machine may give energies, and the store's completeness."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import GraphError, LabelError, ParameterError, ShapeError
from xpnet.machines.energy_machine import energy_machine
from xpnet.training.energy_trainer import EnergyTrainer, given


@pytest.mark.parametrize("kind", [xn.SimpleTrainer, xn.Trainer])
def test_both_trainers_infer_alike(backend, close, rng, kind):
    machine = xn.Cascade(xn.Linear(3, 4), xn.Tanh(), xn.Linear(4, 2))
    trainer = kind(machine, xn.Euclidean(), xn.ParameterStore(machine, backend))
    assert isinstance(trainer, EnergyTrainer)
    whole = kind(energy_machine(machine, xn.Euclidean()), None, xn.ParameterStore(machine, backend))
    samples, label_set = rng.normal(size=(5, 3)), rng.normal(size=(4, 2))
    index, energies = trainer.run(samples, label_set)
    assert tuple(index.shape) == (5,)
    close(whole.run(samples, label_set)[1], backend.to_numpy(energies), factor=4)
    one, alone = trainer.run(samples[2], label_set)
    close(alone, backend.to_numpy(energies)[2], factor=4)
    assert int(one) == int(index[2])


def test_a_parameter_outside_the_store_is_told_with_the_remedy():
    cost = xn.Graph()
    x, y = cost.input("x"), cost.input("y")
    cost.output("energy", cost(xn.Euclidean(), cost(xn.Linear(2, 2), x), y))
    machine = xn.Linear(3, 2)
    with pytest.raises(ParameterError, match=r"is not in the given store.*energy_machine\(machine, cost\)"):
        xn.Trainer(machine, cost, xn.ParameterStore(machine))
    xn.Trainer(machine, cost, xn.ParameterStore(energy_machine(machine, cost)))
    xn.Trainer(machine, cost)


def test_the_simple_trainer_needs_a_label_somewhere():
    with pytest.raises(ShapeError, match="must take a sample and a label; Linear has one input"):
        xn.SimpleTrainer(xn.Linear(2, 2))


def test_a_discriminant_machine_takes_no_label_set(numpy64):
    trainer = xn.Trainer(xn.Linear(2, 3))
    _, energies = trainer.run(np.ones((4, 2)))
    assert energies.shape == (4, 3)
    with pytest.raises(LabelError, match="leave label_set out"):
        trainer.run(np.ones((4, 2)), np.eye(3))


def test_an_empty_store_is_kept():
    store = xn.ParameterStore(xn.Tanh())
    assert xn.SimpleTrainer(xn.Tanh(), xn.Euclidean(), store).param is store


def test_given_leaves_out_none():
    assert given(a=None, b=1) == {"b": 1}


@pytest.mark.parametrize("kind", [xn.SimpleTrainer, xn.Trainer])
def test_a_trainer_follows_its_store_to_another_backend(rng, kind):
    machine = xn.Cascade(xn.Linear(3, 4), xn.Tanh(), xn.Linear(4, 2))
    here = xn.get_backend("numpy", dtype="float64")
    there = xn.get_backend("strict", device="device1", dtype="float64")
    trainer = kind(machine, xn.Euclidean(), xn.ParameterStore(machine, here))
    samples, label_set, rule = rng.normal(size=(5, 3)), np.eye(2), {"learning_rate": 0.1, "inertia": 0.5}
    trainer.learn_sample(samples, [0, 1, 0, 1, 1], label_set, rule)
    expected = here.to_numpy(trainer.run(samples, label_set)[1])
    trainer.param.to(there)
    _, energies = trainer.run(samples, label_set)
    assert energies.device == there.device
    assert abs(there.to_numpy(energies) - expected).max() < 1e-12
    trainer.learn_sample(samples, [0, 1, 0, 1, 1], label_set, rule)
    assert abs(there.to_numpy(trainer.run(samples, label_set)[1]) - expected).max() > 1e-6


@pytest.mark.parametrize("kind", [xn.SimpleTrainer, xn.Trainer])
def test_parts_that_are_no_modules_are_named(kind):
    with pytest.raises(GraphError, match="a trainer's cost must be a module; got the class Euclidean: make an"):
        kind(xn.Linear(2, 2), xn.Euclidean)
    with pytest.raises(GraphError, match="a trainer's machine must be a module; got a list"):
        kind([xn.Linear(2, 2)], xn.Euclidean())


def test_a_loss_is_a_module_too():
    with pytest.raises(GraphError, match="a trainer's loss must be a module; got 'nll'"):
        xn.Trainer(xn.Linear(2, 2), xn.Euclidean(), loss="nll")


@pytest.mark.parametrize("kind", [xn.SimpleTrainer, xn.Trainer])
def test_an_empty_batch_has_no_mean(numpy64, kind):
    trainer = kind(xn.Linear(2, 2), xn.Euclidean())
    with pytest.raises(ShapeError, match=r"an empty batch has no mean: energies have shape \(0,\); give at least one"):
        trainer.learn_sample(np.zeros((0, 2)), np.zeros(0, dtype=int), np.eye(2), learning_rate=0.1)
