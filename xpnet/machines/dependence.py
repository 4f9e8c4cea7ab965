"""What each wire of a machine depends on: the sample, the label, a latent variable, several of these, or nothing."""

from collections.abc import Mapping
from typing import TypeAlias

from xpnet.machines.machine import Plan

Roles: TypeAlias = frozenset[str]
NOTHING: Roles = frozenset()


def dependence(plan: Plan, roles: Mapping[int, Roles]) -> dict[int, Roles]:
    """For each wire, the union of the roles of the machine's inputs that it is computed from.

    roles: those of the machine's inputs, by wire. What depends on parameters alone depends on nothing.

    >>> from xpnet.machines.graph import Graph
    >>> from xpnet.modules import Concatenate, Tanh
    >>> graph = Graph()
    >>> x, y = graph.input("x"), graph.input("y")
    >>> graph.output("z", graph(Concatenate(), graph(Tanh(), x), y))
    >>> found = dependence(graph.plan(), {0: frozenset({"sample"}), 1: frozenset({"label"})})
    >>> [sorted(found[wire]) for wire in range(4)]
    [['sample'], ['label'], ['sample'], ['label', 'sample']]
    """
    found = dict(roles)
    for box in plan.boxes:
        together = NOTHING.union(*(found.get(wire, NOTHING) for wire in box.inputs))
        found |= dict.fromkeys(box.outputs, together)
    return found
