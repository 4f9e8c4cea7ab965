"""Machines over time: delays, recurrence, trellises."""

from typing import Any

import xpnet as xn
from portability_table.course import Course
from portability_table.material import codes, minibatches, names, splice, sunspots
from portability_table.places import Home
from xpnet.machines.energy_machine import energy_machine
from xpnet.machines.label_sequences import LabelSequences, sequence_machine
from xpnet.machines.recurrent import simple_cell
from xpnet.machines.sequence_loss import sequence_loss
from xpnet.machines.tdnn import tdnn
from xpnet.modules import AveragePooling, Reshape

BATCH, PROBE, STEPS = 16, 4, 24


def time_delay(home: Home) -> Course:
    """Two layers of windows over 60 nucleotides, averaged by fours, to codes of the three classes."""
    layers = [*tdnn([4, 16, 12], [7, 7]).modules, AveragePooling((4,))]
    machine = xn.Cascade(*layers, Reshape((12, 12), (144,)), xn.Linear(144, 3))
    cost, labels = xn.Euclidean(), codes(3)
    trainer = xn.SimpleTrainer(machine, cost, home.store(energy_machine(machine, cost)))
    of = minibatches(splice(), BATCH)

    def step(update: int) -> dict[str, Any]:
        sample, label = of(update)
        return {"sample": sample, "label": label, "label_set": labels, "learning_rate": 0.05}

    return Course(trainer, step, trainer.param.machine, (splice()[0][:PROBE, None], labels))


def recurrent(home: Home) -> Course:
    """24 yearly numbers, one a step, and then the next."""
    machine = xn.Cascade(xn.Recurrent(simple_cell(1, 32), state=32, last=True), xn.Linear(32, 1))
    cost = xn.Euclidean()
    trainer = xn.SimpleTrainer(machine, cost, home.store(energy_machine(machine, cost)))
    known, following = sunspots(STEPS)
    parts = known[..., None], following
    of = minibatches(parts, BATCH)

    def step(update: int) -> dict[str, Any]:
        sample, desired = of(update)
        return {"sample": sample, "label": None, "desired": desired, "learning_rate": 0.05, "inertia": 0.5}

    return Course(trainer, step, trainer.param.machine, tuple(part[:PROBE] for part in parts))


def crf(home: Home) -> Course:
    """Is a vowel next, a consonant, or nothing: the likelihood of the whole sequence."""
    return _of_names(home, "likelihood")


def perceptron_of_paths(home: Home) -> Course:
    """The same by the desired path against the best one."""
    return _of_names(home, "perceptron")


def _of_names(home: Home, loss: str) -> Course:
    machine, labels = xn.Cascade(xn.Lookup(27, 16), xn.Tanh(), xn.Linear(16, 3)), LabelSequences(3, final=True)
    graph = xn.Graph()
    letters, desired, lengths = (graph.input(name) for name in ("letters", "desired", "lengths"))
    emissions, arcs = graph(machine, letters, name="machine"), graph(labels, name="labels")
    trainer = xn.SequenceTrainer(machine, labels, home.store(sequence_machine(machine, labels)), loss)
    of = minibatches(names(), BATCH)

    def step(update: int) -> dict[str, Any]:
        sample, wanted, ends = of(update)
        return {"sample": sample, "labels": wanted, "lengths": ends, "learning_rate": 0.2}

    of_paths = sequence_loss(loss, 3, final=True, lengths=True)
    graph.output("loss", graph(of_paths, emissions, *arcs, desired, lengths, name="loss"))
    return Course(trainer, step, graph, tuple(part[:PROBE] for part in names()))
