"""Radial basis functions, alone and above sigmoids, started by K-means."""

from typing import Any, cast

import numpy as np

import xpnet as xn
from portability_table.course import Course
from portability_table.material import digits, minibatches, vowels
from portability_table.places import SEED, Home
from xpnet.kmeans import place_centres
from xpnet.machines.energy_machine import energy_machine
from xpnet.machines.nn_rbf import nn_rbf, rbf_net
from xpnet.state import State

BATCH, PROBE = 32, 8


def radial(home: Home) -> Course:
    """66 bumps over the vowels' features; their sum is to be one where the label is."""
    net, cost = rbf_net(10, 66, 11), xn.Euclidean()
    trainer = xn.SimpleTrainer(net, cost, home.store(energy_machine(net, cost)))
    samples, _ = vowels()
    place_centres(cast("xn.Rbf", net[0]), samples, seed=SEED, starts=3)
    labels, of = np.eye(11), minibatches(vowels(), BATCH)

    def step(update: int) -> dict[str, Any]:
        sample, label = of(update)
        return {"sample": sample, "label": label, "label_set": labels, "learning_rate": 0.1}

    return Course(trainer, step, trainer.param.machine, (samples[:PROBE, None, :], labels))


def nn_rbf_hybrid(home: Home) -> Course:
    """Sigmoids below, a prototype for each digit on top, by the likelihood of its energies."""
    machine = nn_rbf((64, 64, 16), 10)
    trainer = xn.Trainer(machine, None, home.store(machine))
    samples, _ = digits()
    below, features = xn.Cascade(*machine.modules[:-1]).bind(home.backend), State()
    below.fprop(State(home.backend.asarray(samples[:500]), fixed=True), features)
    place_centres(cast("xn.Distance", machine[-1]), features.x, seed=SEED, starts=3)
    of = minibatches(digits(), BATCH)

    def step(update: int) -> dict[str, Any]:
        sample, label = of(update)
        return {"sample": sample, "label": label, "learning_rate": 0.2}

    return Course(trainer, step, machine, (samples[:PROBE],))
