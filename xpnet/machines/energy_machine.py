"""From a machine and a cost to one machine whose output is the energy."""

from xpnet.machines.graph import Graph
from xpnet.module import Module
from xpnet.modules.junk import Junk


def energy_machine(machine: Module, cost: Module | None = None, junk: Junk | None = None) -> Graph:
    """E(X, Y) = cost(machine(X), Y), and behind it the junk category, as one graph that names all its parameters.

    cost: None for a machine that gives energies itself, from (X, Y) or from X alone; it may have any number of inputs.

    >>> from xpnet.modules import Euclidean, Linear
    >>> graph = energy_machine(Linear(3, 2), Euclidean(), Junk(trainable=True))
    >>> [name for name, *_ in graph.named_parameters()]
    ['machine.weight', 'machine.bias', 'junk.energy']
    """
    graph = Graph()
    if cost is not None:
        x, y = graph.input("input"), graph.input("output")
        energy = graph(cost, graph(machine, x, name="machine"), y, name="cost")
    else:
        inputs = [graph.input(name) for name in ("input", "output")[: len(machine.event_ndims)]]
        energy = graph(machine, *inputs, name="machine")
    if junk is not None:
        energy = graph(junk, energy, name="junk")
    graph.output("energy", energy)
    return graph
