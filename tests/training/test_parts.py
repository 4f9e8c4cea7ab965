"""The parts of a trainer: modules all, and one store that holds what any of them learns."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import GraphError
from xpnet.inference.relaxation import Relaxation
from xpnet.training.parts import require_parts, store_of


def test_what_is_no_module_is_named_with_its_part():
    require_parts(machine=xn.Linear(2, 2), cost=None, junk=xn.Junk())
    for role, part in (("machine", None), ("machine", [xn.Tanh()]), ("cost", xn.Euclidean), ("loss", "nll")):
        with pytest.raises(GraphError, match=f"a trainer's {role} must be a module"):
            require_parts(**{"machine": xn.Tanh(), role: part})


def test_parts_without_parameters_leave_the_machines_own_names(numpy64):
    store = store_of(xn.Linear(2, 3), xn.Euclidean(), xn.Junk(), latent=None)
    assert set(store.names) == {"weight", "bias"}
    assert store.backend is numpy64


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"cost": "deep"}, "cost.linear1.weight"),
        ({"junk": xn.Junk(trainable=True)}, "junk.energy"),
        ({"labels": xn.modules.Trainable((4, 3))}, "labels.value"),
        ({"cost": "latent", "latent": xn.Logsum(trainable=True)}, "latent_eliminated.beta"),
        ({"cost": "latent", "latent": Relaxation(np.zeros(3)), "junk": xn.Junk(trainable=True)}, "junk.energy"),
    ],
    ids=["cost", "junk", "labels", "latent", "searched latent"],
)
def test_parts_with_parameters_are_stored_beside_the_machine(numpy64, options, name):
    cost = {"deep": deep, "latent": with_latent}.get(options.get("cost"), xn.Euclidean)()
    store = store_of(xn.Linear(2, 3), cost, **{key: value for key, value in options.items() if key != "cost"})
    assert {"machine.weight", "machine.bias", name} <= set(store.names)


def deep():
    graph = xn.Graph()
    h, y = graph.input("h"), graph.input("y")
    graph.output("energy", graph(xn.Euclidean(), graph(xn.Linear(3, 3), h), y))
    return graph


def with_latent():
    graph = xn.Graph()
    h, y, z = (graph.input(name) for name in ("h", "y", "z"))
    graph.output("energy", graph(xn.Euclidean(), graph(xn.Plus(), h, z), y))
    return graph
