"""Every shipped module and some machines, with the event shapes of their inputs: what the contract suite sweeps."""

from collections.abc import Callable
from dataclasses import dataclass

import xpnet as xn


@dataclass(frozen=True)
class Case:
    """A module to make and the event shape of each of its inputs."""

    name: str
    make: Callable[[], xn.Module]
    inputs: list[tuple[int, ...]]


def energy_machine() -> xn.Graph:
    """E(X, Y) with a shared module, fan-out and a nested cascade."""
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    encoder = xn.Cascade(xn.Linear(3, 4), xn.Tanh())
    a, b = graph(encoder, x), graph(encoder, y)
    mixed = graph(xn.Sigmoid(), graph(xn.Linear(8, 3), graph(xn.Concatenate(), a, b)))
    graph.output("energy", graph(xn.Logsum(), graph(xn.Plus(), mixed, x)))
    return graph


CASES = [
    Case("linear", lambda: xn.Linear(3, 2), [(3,)]),
    Case("linear-wide", lambda: xn.Linear(1, 4), [(1,)]),
    Case("linear-no-bias", lambda: xn.Linear(3, 2, bias=False), [(3,)]),
    Case("bias", lambda: xn.Bias(3), [(3,)]),
    Case("tanh", xn.Tanh, [(3,)]),
    Case("scaled-tanh", xn.ScaledTanh, [(3,)]),
    Case("sigmoid", xn.Sigmoid, [(2, 3)]),
    Case("relu", xn.Relu, [(3,)]),
    Case("euclidean", xn.Euclidean, [(3,), (3,)]),
    Case("plus-1", xn.Plus, [(3,)]),
    Case("plus-3", xn.Plus, [(3,), (3,), (3,)]),
    Case("branch-1", lambda: xn.Branch(1), [(3,)]),
    Case("branch-3", lambda: xn.Branch(3), [(3,)]),
    Case("softmax", xn.Softmax, [(4,)]),
    Case("softmax-hot", lambda: xn.Softmax(beta=0.3), [(4,)]),
    Case("softmax-negative", lambda: xn.Softmax(beta=-2.0), [(4,)]),
    Case("softmax-flat", lambda: xn.Softmax(beta=0.0), [(4,)]),
    Case("logsum", xn.Logsum, [(4,)]),
    Case("logsum-cold", lambda: xn.Logsum(beta=2.0), [(4,)]),
    Case("logsum-negative", lambda: xn.Logsum(beta=-0.5), [(4,)]),
    Case("concatenate-1", xn.Concatenate, [(2,)]),
    Case("concatenate-3", xn.Concatenate, [(2,), (3,), (1,)]),
    Case("cascade", lambda: xn.Cascade(xn.Linear(3, 4), xn.Tanh(), xn.Linear(4, 2)), [(3,)]),
    Case("graph", energy_machine, [(3,), (3,)]),
]
