"""From a machine and a cost to one machine whose output is the energy."""

from typing import Literal

from xpnet.errors import GraphError
from xpnet.machines.graph import Graph, Wire
from xpnet.module import Module
from xpnet.modules.junk import Junk
from xpnet.modules.trainable import Trainable


def energy_machine(
    machine: Module,
    cost: Module | None = None,
    junk: Junk | None = None,
    *,
    labels: Trainable | None = None,
    latent: Module | Literal["open"] | None = None,
) -> Graph:
    """E(X, Y) = cost(machine(X), Y), and behind it the junk category, as one graph that names all its parameters.

    cost: None for a machine that gives energies itself, from (X, Y) or from X alone. labels: a label set that learns,
    in place of the input Y. latent: what eliminates a latent variable Z, Min() or Logsum(β), over the last axis of the
    energies; Z is then the last input of machine, of cost, or of both. "open" leaves Z in: E(X, Y, Z).

    >>> from xpnet.modules import Euclidean, Linear
    >>> graph = energy_machine(Linear(3, 2), Euclidean(), Junk(trainable=True))
    >>> [name for name, *_ in graph.named_parameters()]
    ['machine.weight', 'machine.bias', 'junk.energy']
    """
    graph = Graph()
    x = graph.input("input")
    of_machine, of_cost = _takes_latent(machine, cost, latent)
    needs_label = cost is not None or len(machine.event_ndims) > 1 + of_machine
    label = [_label(graph, labels)] if needs_label else []
    z = [graph.input("latent")] if latent is not None else []
    if cost is None:
        energy = graph(machine, x, *label, *z, name="machine")
    else:
        energy = graph(machine, x, *z * of_machine, name="machine")
        energy = graph(cost, energy, *label, *z * of_cost, name="cost")
    if isinstance(latent, Module):
        energy = graph(latent, energy, name="latent_eliminated")
    if junk is not None:
        energy = graph(junk, energy, name="junk")
    graph.output("energy", energy)
    return graph


def _label(graph: Graph, labels: Trainable | None) -> Wire:
    wire: Wire = graph.input("output") if labels is None else graph(labels, name="labels")
    return wire


def _takes_latent(machine: Module, cost: Module | None, latent: object) -> tuple[bool, bool]:
    """Whether machine and cost take the latent variable; GraphError if there is one and neither does."""
    if latent is None:
        return False, False
    taken = len(machine.event_ndims) == (3 if cost is None else 2), cost is not None and len(cost.event_ndims) == 3
    if not any(taken):
        msg = (
            "a latent variable needs a port: machine(X, Y, Z) without a cost, or machine(X, Z), or cost(mout, Y, Z); "
            f"the machine has {len(machine.event_ndims)} inputs"
            + ("" if cost is None else f", the cost {len(cost.event_ndims)}")
        )
        raise GraphError(msg)
    return taken
