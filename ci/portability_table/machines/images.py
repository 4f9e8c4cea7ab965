"""Convolution over images."""

from typing import Any

import numpy as np

import xpnet as xn
from portability_table.course import Course
from portability_table.material import codes, digits, minibatches
from portability_table.places import Home
from xpnet._typing import HostArray
from xpnet.machines.energy_machine import energy_machine
from xpnet.machines.lenet import lenet1

BATCH, PROBE = 16, 4


def convolutional(home: Home) -> Course:
    """LeNet-1 on 8x8 digits, each pixel doubled, in the middle of 28x28."""
    machine, cost, labels = lenet1(), xn.Euclidean(), codes(10)
    trainer = xn.SimpleTrainer(machine, cost, home.store(energy_machine(machine, cost)))
    of = minibatches(digits(), BATCH)

    def step(update: int) -> dict[str, Any]:
        sample, label = of(update)
        return {"sample": _images(sample), "label": label, "label_set": labels, "learning_rate": 0.005}

    return Course(trainer, step, trainer.param.machine, (_images(digits()[0][:PROBE])[:, None], labels))


def _images(pixels: HostArray) -> HostArray:
    doubled = np.kron(pixels.reshape(-1, 8, 8), np.ones((1, 2, 2)))
    return np.pad(doubled, [(0, 0), (6, 6), (6, 6)])[..., None]
