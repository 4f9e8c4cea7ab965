"""Machines told a discrete label or a distribution: switch, log loss, cross-entropy."""

from typing import Any

import numpy as np

import xpnet as xn
from portability_table.course import Course, EnergyLoop
from portability_table.material import digits, exact, minibatches, vowels
from portability_table.places import Home
from xpnet.machines.energy_machine import energy_machine

BATCH, PROBE, CLASSES = 32, 8, 11


def _loop(home: Home, machine: xn.Module, parts: tuple[Any, ...], rate: float) -> Course:
    of = minibatches(parts, BATCH)

    def step(update: int) -> dict[str, Any]:
        sample, label = of(update)
        return {"sample": sample, "label": label, "learning_rate": rate}

    samples, labels = parts
    return Course(EnergyLoop(machine, home.store(machine)), step, machine, (samples[:PROBE], labels[:PROBE]))


def switch(home: Home) -> Course:
    """One small machine for each vowel gives its energy; the label switches one in."""
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    experts = [
        graph(xn.Cascade(xn.Linear(10, 6), xn.Tanh(), xn.Linear(6, 10)), x, name=f"of {k}") for k in range(CLASSES)
    ]
    rebuilt = graph(xn.Switch(event_ndim=1), *experts, y)
    graph.output("energy", graph(xn.Euclidean(), rebuilt, x))
    return _loop(home, graph, vowels(), 0.3)


def log_loss(home: Home) -> Course:
    """Probabilities by a softmax, of which the log loss reads that of the label."""
    machine = xn.Cascade(xn.Linear(64, 64), xn.Sigmoid(), xn.Linear(64, 10), xn.Softmax())
    return _loop(home, energy_machine(machine, xn.LogLoss()), digits(), 0.5)


def cross_entropy(home: Home) -> Course:
    """Desired distributions: nine tenths for the label, the rest for its neighbours."""
    machine, cost = xn.Cascade(xn.Linear(10, 88), xn.Tanh(), xn.Linear(88, CLASSES)), xn.CrossEntropy()
    trainer = xn.SimpleTrainer(machine, cost, home.store(energy_machine(machine, cost)))
    samples, labels = vowels()
    ring = np.eye(CLASSES)
    desired = exact(0.9 * ring + 0.05 * np.roll(ring, 1, axis=1) + 0.05 * np.roll(ring, -1, axis=1))[labels]
    of = minibatches((samples, desired), BATCH)

    def step(update: int) -> dict[str, Any]:
        sample, wanted = of(update)
        return {"sample": sample, "label": None, "desired": wanted, "learning_rate": 0.3, "weight_decay": 1e-3}

    return Course(trainer, step, trainer.param.machine, (samples[:PROBE], desired[:PROBE]))
