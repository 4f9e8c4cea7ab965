"""Cascades with a cost, and the energy loss."""

from typing import Any

import xpnet as xn
from portability_table.course import Course
from portability_table.material import codes, digits, minibatches, noise
from portability_table.places import Home
from xpnet.machines.energy_machine import energy_machine
from xpnet.second_order import measure

BATCH, PROBE = 32, 8
CODES = codes(10)


def _digits(home: Home, machine: xn.Module, spread: float, **rule: Any) -> Course:
    """The machine learns digits by the energy loss, from pixels with noise."""
    cost = xn.Euclidean()
    trainer = xn.SimpleTrainer(machine, cost, home.store(energy_machine(machine, cost)))
    of = minibatches(digits(), BATCH)

    def step(update: int) -> dict[str, Any]:
        pixels, label = of(update)
        return {"sample": pixels + noise(update, pixels.shape, spread), "label": label, "label_set": CODES, **rule}

    return Course(trainer, step, trainer.param.machine, (digits()[0][:PROBE, None, :], CODES))


def cascade(home: Home) -> Course:
    """64-128-10 with LeCun's squashing function, decay and inertia."""
    machine = xn.Cascade(xn.Linear(64, 128), xn.ScaledTanh(), xn.Linear(128, 10), xn.ScaledTanh())
    return _digits(home, machine, 0.2, learning_rate=0.3, weight_decay=1e-3, inertia=0.9)


def second_order(home: Home) -> Course:
    """64-128-10 with a learning rate of its own for each weight, from the curvature of 200 samples."""
    machine = xn.Cascade(xn.Linear(64, 128), xn.Tanh(), xn.Linear(128, 10))
    course = _digits(home, machine, 0.0, update_args=xn.DiagLm(0.005, mu=0.1))
    samples, labels = digits()
    measure(course.store, samples[:200], CODES[labels[:200]])
    return course
