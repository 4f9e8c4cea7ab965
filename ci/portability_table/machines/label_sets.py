"""Machines that learn from the energies of a whole label set."""

from typing import Any

import numpy as np

import xpnet as xn
from portability_table.course import Course
from portability_table.material import codes, digits, drawn, minibatches, splice, vowels
from portability_table.places import SEED, Home
from xpnet.machines.energy_machine import energy_machine
from xpnet.modules import Min, Reshape

BATCH, PROBE = 32, 8


def label_set(home: Home) -> Course:
    """Energies ½ ‖f(X) - Y‖² to eleven random codes, by the likelihood."""
    machine, cost = xn.Cascade(xn.Linear(10, 88), xn.Tanh(), xn.Linear(88, 6)), xn.Euclidean()
    trainer = xn.Trainer(machine, cost, home.store(energy_machine(machine, cost)))
    labels, (samples, _), of = drawn("vowel codes", (11, 6)), vowels(), minibatches(vowels(), BATCH)
    rule = {"learning_rate": 0.2, "inertia": 0.5}
    return Course(
        trainer,
        lambda update: dict(zip(("sample", "label"), of(update), strict=True)) | {"label_set": labels} | rule,
        trainer.param.machine,
        (samples[:PROBE, None, :], labels),
    )


def _joint() -> xn.Graph:
    """E(X, Y): both enter a layer of their own and one together."""
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    pixels = graph(xn.Tanh(), graph(xn.Linear(64, 64), x))
    both = graph(xn.Tanh(), graph(xn.Linear(74, 32), graph(xn.Concatenate(), pixels, y)))
    graph.output("energy", graph(xn.Euclidean(), graph(xn.Linear(32, 8), both), graph(xn.Linear(10, 8), y)))
    return graph


def _learn_joint(home: Home, **more: Any) -> Course:
    graph, labels = _joint(), codes(10)
    trainer = xn.Trainer(graph, None, home.store(graph))
    (samples, _), of = digits(), minibatches(digits(), BATCH)

    def step(update: int) -> dict[str, Any]:
        sample, label = of(update)
        return {"sample": sample, "label": label, "label_set": labels, "learning_rate": 0.1} | more

    traceable = "negatives" not in more
    return Course(trainer, step, graph, (samples[:PROBE, None, :], labels), traceable)


def general_graph(home: Home) -> Course:
    """A graph with two inputs, all ten labels at once."""
    return _learn_joint(home, inertia=0.5)


def sampled_negatives(home: Home) -> Course:
    """The same graph; three random rivals for each sample's label."""
    return _learn_joint(home, negatives=xn.SampledNegatives(3, seed=SEED))


def latent(home: Home, eliminated: str) -> Course:
    """E(X, Y) from E(X, Y, Z), by logsum or min over four values of a latent variable Z."""
    graph = xn.Graph()
    x, y, z = graph.input("x"), graph.input("y"), graph.input("z")
    hidden = graph(xn.Tanh(), graph(xn.Linear(14, 48), graph(xn.Concatenate(), x, z)))
    graph.output("energy", graph(xn.Euclidean(), graph(xn.Linear(48, 6), hidden), y))
    by = xn.Logsum(2.0) if eliminated == "logsum" else Min()
    trainer = xn.Trainer(graph, None, home.store(graph), latent=by)
    labels, values, of = drawn("vowel codes", (11, 6)), np.eye(4), minibatches(vowels(), BATCH)

    def step(update: int) -> dict[str, Any]:
        sample, label = of(update)
        sets = {"label_set": labels, "latent_set": values}
        return {"sample": sample, "label": label, "learning_rate": 0.1, **sets}

    whole = energy_machine(graph, latent=by)
    return Course(trainer, step, whole, (vowels()[0][:PROBE, None, None, :], labels[:, None, :], values))


def junk_category(home: Home) -> Course:
    """Donor, acceptor, or an energy for everything else."""
    machine = xn.Cascade(Reshape((60, 4), (240,)), xn.Linear(240, 24), xn.Tanh(), xn.Linear(24, 2))
    junk = xn.Junk(0.5, trainable=True)
    trainer = xn.Trainer(machine, None, home.store(energy_machine(machine, None, junk)), junk=junk)
    of = minibatches(splice(), BATCH)

    def step(update: int) -> dict[str, Any]:
        sample, label = of(update)
        return {"sample": sample, "label": label, "label_set": None, "learning_rate": 0.3}

    return Course(trainer, step, trainer.param.machine, (splice()[0][:PROBE],))
