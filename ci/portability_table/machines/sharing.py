"""Shared, tied, transformed and summed: several roles for one set of numbers, and several machines for one answer."""

from typing import Any

import numpy as np

import xpnet as xn
from portability_table.course import Course
from portability_table.material import Parts, digits, minibatches, sunspots
from portability_table.places import Home
from xpnet.machines.energy_machine import energy_machine
from xpnet.modules import LowRank, UnitRows

BATCH, PROBE, LAGS = 32, 8, 12


def _regression(home: Home, machine: xn.Module, parts: Parts, **rule: float) -> Course:
    """The machine learns to give the second part for the first, by ½ ‖·‖²."""
    cost = xn.Euclidean()
    trainer = xn.SimpleTrainer(machine, cost, home.store(energy_machine(machine, cost)))
    of = minibatches(parts, BATCH)

    def step(update: int) -> dict[str, Any]:
        sample, desired = of(update)
        return {"sample": sample, "label": None, "desired": desired, **rule}

    return Course(trainer, step, trainer.param.machine, tuple(part[:PROBE] for part in parts))


def path_sums(home: Home) -> Course:
    """A wire that branches into three paths, which meet again in a plus."""
    graph = xn.Graph()
    first, second, straight = graph(xn.Branch(3), graph.input("x"))
    bent = graph(xn.Linear(16, 1), graph(xn.Tanh(), graph(xn.Linear(LAGS, 16), first)))
    soft = graph(xn.Linear(8, 1), graph(xn.Sigmoid(), graph(xn.Linear(LAGS, 8), second)))
    graph.output("y", graph(xn.Plus(), bent, soft, graph(xn.Linear(LAGS, 1), straight)))
    return _regression(home, graph, sunspots(LAGS), learning_rate=0.05, inertia=0.9)


def experts(home: Home) -> Course:
    """Four experts of twelve earlier years, and a gater."""
    net = [xn.Cascade(xn.Linear(LAGS, 16), xn.Tanh(), xn.Linear(16, 1)) for _ in range(4)]
    machine = xn.MixtureOfExperts(xn.Linear(LAGS, 4), net)
    return _regression(home, machine, sunspots(LAGS), learning_rate=0.1)


def transformed(home: Home) -> Course:
    """W = U V of rank 6 below, rows of length one above."""
    net = xn.Cascade(xn.Linear(64, 64), xn.Tanh(), xn.Linear(64, 10))
    machine = xn.Reparameterized(net, {"0.weight": LowRank(6), "2.weight": UnitRows()})
    samples, labels = digits()
    return _regression(home, machine, (samples, np.eye(10)[labels]), learning_rate=0.2, weight_decay=1e-4)


def tied(home: Home) -> Course:
    """Digits rebuilt from 16 features; the weight above is the transpose of the one below."""
    machine = xn.Cascade(xn.Linear(64, 16), xn.Sigmoid(), xn.Linear(16, 64))
    samples, _ = digits()
    course = _regression(home, machine, (samples, samples), learning_rate=0.05)
    course.store.tie("machine.2.weight", "machine.0.weight", transform="transpose")
    return course


def shared(home: Home) -> Course:
    """E(X, X') = ½ ‖f(X) - f(X')‖², the same f in both places; the label set are ten pictures, one of each digit."""
    # A bias of the last layer would cancel in the difference: its gradient would be nothing but rounding.
    encoder = xn.Cascade(xn.Linear(64, 64), xn.Tanh(), xn.Linear(64, 8, bias=False))
    graph = xn.Graph()
    codes = [graph(encoder, graph.input(name), name=f"code of {name}") for name in ("x", "other")]
    graph.output("energy", graph(xn.Euclidean(), *codes))
    trainer = xn.Trainer(graph, None, home.store(graph))
    samples, labels = digits()
    pictures = samples[[int(np.flatnonzero(labels == digit)[0]) for digit in range(10)]]
    of = minibatches(digits(), BATCH)

    def step(update: int) -> dict[str, Any]:
        sample, label = of(update)
        return {"sample": sample, "label": label, "label_set": pictures, "learning_rate": 0.1}

    return Course(trainer, step, graph, (samples[10 : 10 + PROBE, None, :], pictures))
