"""Machines in other forms: the same function of inputs and parameters, factored another way.

Each form shares modules and parameters with what it was made from; `equivalent` compares them.
"""

from collections.abc import Sequence
from copy import deepcopy
from typing import final

from xpnet._typing import HostArray
from xpnet.errors import GraphError
from xpnet.machines.graph import Graph
from xpnet.machines.machine import Box, Machine, Plan
from xpnet.module import Module
from xpnet.modules.arithmetic import Minus
from xpnet.modules.cross_entropy import CrossEntropy
from xpnet.modules.expand import Expand
from xpnet.modules.given import Given
from xpnet.modules.kullback_leibler import KullbackLeibler
from xpnet.modules.log_loss import LogLoss
from xpnet.modules.logsum import Logsum
from xpnet.modules.softmax import Softmax
from xpnet.modules.stack import Unstack
from xpnet.modules.switch import Switch
from xpnet.modules.weighted_sum import WeightedSum


def to_energy_loss(machine: Module, cost: Module | None, label_set: HostArray, beta: float = 1.0) -> Graph:
    """The energy machine L(X, Y) = E(X, Y) - F(X) whose energy loss is the negative log-likelihood loss of E.

    One replica of the machine for the desired output Y, and one for each of the K labels in label_set (K, *event),
    brought together by Logsum(beta): F = -1/β log Σ_k exp(-β E(X, k)). With cost=None the machine is E(X, Y) itself.
    All replicas share their weights. Inputs X and Y, output the loss: ready for a trainer that takes energy machines.

    >>> import numpy as np
    >>> from xpnet.modules import Euclidean, Linear
    >>> from xpnet.state import State
    >>> loss, nll = State(), to_energy_loss(Linear(2, 2), Euclidean(), np.eye(2))
    >>> nll.fprop(State(np.ones((5, 2), dtype="float32")), State(np.zeros((5, 2), dtype="float32")), loss)
    >>> loss.x.shape
    (5,)
    """
    graph = Graph()
    x, y = graph.input("x"), graph.input("y")
    labels = graph(Given(label_set), name="label_set")
    ndim = machine.event_ndims[0]
    replicated = graph(Expand(1 if ndim is None else ndim), x, name="replicas")
    if cost is None:
        desired, all_of_them = graph(machine, x, y, name="desired"), graph(machine, replicated, labels, name="all")
    else:
        mout = graph(machine, x, name="machine")
        desired = graph(cost, mout, y, name="desired")
        all_of_them = graph(cost, graph(machine, replicated, name="replica"), labels, name="all")
    free = graph(Logsum(beta), all_of_them, name="free_energy")
    graph.output("loss", graph(Minus(), desired, free, name="minus"))
    return graph


def switch_form(machine: Module, n_labels: int, beta: float = 1.0) -> Graph:
    """Discriminant + switch with the MAP/MLE loss: X and integers Y to E_Y + 1/β log Σ_k exp(-β E_k)."""
    graph = Graph()
    x, y = graph.input("x"), graph.input("y")
    energies = graph(machine, x, name="machine")
    wires = graph(Unstack(n_labels, ndim=0), energies, name="wires")
    desired = graph(Switch(event_ndim=0), *(wires if n_labels > 1 else (wires,)), y, name="switch")
    free = graph(Logsum(beta), energies, name="free_energy")
    graph.output("loss", graph(Minus(), desired, free, name="minus"))
    return graph


def softmax_form(machine: Module, beta: float = 1.0) -> Graph:
    """Discriminant + softmax + switch + log: X and integers Y to -1/β log P_Y, where the machine gives K energies."""
    graph = Graph()
    x, y = graph.input("x"), graph.input("y")
    p = graph(Softmax(beta), graph(machine, x, name="machine"), name="softmax")
    graph.output("loss", graph(LogLoss(beta), p, y, name="log"))
    return graph


def cross_entropy_form(machine: Module, beta: float = 1.0) -> Graph:
    """Discriminant + cross-entropy: X and desired distributions D (K) to -1/β Σ D log P."""
    graph = Graph()
    x, d = graph.input("x"), graph.input("d")
    graph.output("loss", graph(CrossEntropy(beta), graph(machine, x, name="machine"), d, name="cross_entropy"))
    return graph


def divergence_form(machine: Module, beta: float = 1.0) -> Graph:
    """Discriminant + softmax + 1/β times the Kullback-Leibler divergence of the desired distributions D (K) from P."""
    graph = Graph()
    x, d = graph.input("x"), graph.input("d")
    p = graph(Softmax(beta), graph(machine, x, name="machine"), name="softmax")
    weight = graph(Given([1.0 / beta]), name="temperature")
    divergence = graph(KullbackLeibler(), d, p, name="kullback_leibler")
    graph.output("loss", graph(WeightedSum(event_ndim=0), weight, divergence, name="times"))
    return graph


@final
class PathSeparated(Machine):
    """The same machine without fan-out: every path from an input to an output has replicas of its own.

    A wire that several modules read is computed once for each of them, by replicas that share weights. Its gradients
    are those of the machine itself, by path summation: dE/dX = Σ over the paths. There are as many replicas as paths,
    which may be exponential in the depth.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        if machine.plan().recurrent:
            msg = "a recurrent machine has endless paths; unfold it first: unfold(graph, steps)"
            raise GraphError(msg)

    def plan(self) -> Plan:
        """The replicas."""
        plan = self.machine.plan()
        drivers = {wire: (box, port) for box in plan.boxes for port, wire in enumerate(box.outputs)}
        boxes: list[Box] = []
        counter = iter(range(len(plan.inputs), 1 << 62))

        def separate(wire: int) -> int:
            if wire not in drivers:
                return wire
            box, port = drivers[wire]
            inputs = tuple(separate(read) for read in box.inputs)
            outputs = tuple(next(counter) for _ in box.outputs)
            boxes.append(Box(f"{box.name}#{len(boxes)}", box.module, inputs, outputs))
            return outputs[port]

        ends = tuple(separate(wire) for wire in plan.outputs)
        return Plan(tuple(boxes), next(counter), plan.inputs, ends)


@final
class Replicas(Machine):
    """Y_k = F(X, W_k) for k = 1 … n: independent replicas of a machine, each with a copy of the weights of its own.

    What weight sharing is compared with: the gradient of a shared weight is the sum of the replicas' gradients. Inputs
    are those of the first replica, of the second, …; each has one output.
    """

    def __init__(self, machine: Module, count: int, *, shared: bool = False) -> None:
        self.replicas: Sequence[Module] = [machine if shared else deepcopy(machine) for _ in range(count)]

    def plan(self) -> Plan:
        """One box for each replica."""
        ports = len(self.replicas[0].event_ndims)
        n_inputs = ports * len(self.replicas)
        boxes = tuple(
            Box(str(k), module, tuple(range(k * ports, (k + 1) * ports)), (n_inputs + k,))
            for k, module in enumerate(self.replicas)
        )
        outputs = tuple(box.outputs[0] for box in boxes)
        return Plan(boxes, n_inputs + len(boxes), tuple(range(n_inputs)), outputs)
