"""Trainers that the tests of captured steps share."""

import numpy as np

import xpnet as xn
from xpnet.machines.energy_machine import energy_machine

RNG = np.random.default_rng(7)
X = RNG.normal(size=(6, 3))
Y = np.asarray([0, 3, 1, 2, 2, 0])
CODES = RNG.normal(size=(4, 2))
SOFT = RNG.dirichlet(np.ones(4), size=6)
SEQUENCES, LABELS = RNG.normal(size=(2, 5, 3)), np.asarray([[0, 1, 1, 0, 1], [1, 1, 0, -1, 0]])


def net():
    return xn.Cascade(xn.Linear(3, 5), xn.Tanh(), xn.Linear(5, 2))


def joint():
    """E(X, Y) into which the label enters first."""
    graph = xn.Graph()
    joined = graph(xn.Concatenate(), graph.input("x"), graph.input("y"))
    hidden = graph(xn.Tanh(), graph(xn.Linear(5, 4), joined))
    graph.output("energy", graph(xn.modules.Sum(), hidden))
    return graph


def simple(backend):
    machine = net()
    return xn.SimpleTrainer(machine, xn.Euclidean(), xn.ParameterStore(machine, backend, seed=2))


def general(backend, machine=None, cost=None, **parts):
    machine = net() if machine is None else machine
    modules = {name: part for name, part in parts.items() if name in ("junk", "labels")}
    whole = energy_machine(machine, cost, modules.get("junk"), labels=modules.get("labels"))
    return xn.Trainer(machine, cost, xn.ParameterStore(whole, backend, seed=2), **parts)


def sequences(backend):
    trainer = xn.SequenceTrainer(xn.Linear(3, 2), 2)
    trainer.param.to(backend)
    return trainer


def host(trainer):
    values = {name: np.asarray(value, np.float64) for name, value in trainer.param.state_dict().items()}
    slots = trainer.param.slots_dict()
    return values | {f"{slot} of {name}": value for slot, held in slots.items() for name, value in held.items()}


def assert_same(trainer, other):
    got, wanted = host(trainer), host(other)
    assert got.keys() == wanted.keys()
    for name, value in wanted.items():
        np.testing.assert_allclose(got[name], value, rtol=0, atol=1e-12, err_msg=name)
