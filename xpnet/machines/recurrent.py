"""The simple recurrent machine of the lecture: Z_{t+1} = F(X_t, Z_t, W)."""

from typing import final

from xpnet._typing import Shape
from xpnet.errors import GraphError
from xpnet.machines.graph import Graph, Wire
from xpnet.machines.machine import Machine
from xpnet.machines.unfolded import OverTime
from xpnet.module import Module
from xpnet.modules.branch import Plus
from xpnet.modules.delay import Delay, Initial
from xpnet.modules.linear import Linear
from xpnet.modules.pointwise import Tanh


@final
class Recurrent(OverTime):
    """Z_{t+1} = F(X_t, Z_t, W) for t = 0 … T-1: a sequence X (…, T, n) to all states (…, T, h) or the last one.

    cell: F, any module from (X_t, Z_t) to Z_{t+1}, or to (Z_{t+1}, Y_t), whereupon the Y_t come out and not the states.
    Further inputs of the cell, such as a label, are the same at all steps.
    state: the shape of Z_t, an integer for a vector. initial: Z_0 is zeros, trainable, or given as the second input.
    lengths, last, truncate, hoist: see Unfolded, of which this is the case of one Delay.

    Inputs: X, then Z_0 if it is given, then the cell's further inputs, then the lengths if there are any.

    >>> import numpy as np
    >>> from xpnet.state import State
    >>> machine = Recurrent(simple_cell(3, 5), state=5)
    >>> x, z = State(np.ones((2, 7, 3), dtype="float32")), State()
    >>> machine.fprop(x, z)
    >>> z.x.shape
    (2, 7, 5)
    """

    def __init__(
        self,
        cell: Module,
        state: int | Shape,
        *,
        initial: Initial = "zeros",
        lengths: bool = False,
        last: bool = False,
        truncate: int | None = None,
        hoist: bool = False,
    ) -> None:
        super().__init__(lengths=lengths, last=last, truncate=truncate, hoist=hoist)
        n_inputs = 2 if cell.variadic else len(cell.event_ndims)
        if n_inputs < 2 or cell.n_outputs not in (1, 2):
            msg = (
                f"a cell has inputs X_t and Z_t (and constants), and outputs Z_(t+1) or (Z_(t+1), Y_t); {cell!r} has "
                f"{n_inputs} inputs and {cell.n_outputs} outputs"
            )
            raise GraphError(msg)
        self.cell = cell
        self.delay = Delay(state, initial)
        self._step = self._wired(n_inputs - 2)

    def step(self) -> Machine:
        """The cell with a Delay from its output Z to its input Z."""
        return self._step

    def _wired(self, n_constants: int) -> Graph:
        graph = Graph()
        x = graph.input("x")
        first = [graph.input("z0", constant=True)] if self.delay.given else []
        constants = [graph.input(f"c{k}", constant=True) for k in range(n_constants)]
        new: list[Wire] = [graph.wire("z")]
        if self.cell.n_outputs == 2:
            new.append(graph.wire("y"))
        old = graph.wire("old")
        graph(self.delay, new[0], *first, to=old, name="delay")
        graph(self.cell, x, old, *constants, to=new, name="cell")
        graph.output("out", new[-1])
        return graph

    def describe(self) -> str:
        """The cell, and the shape of its state."""
        return f"{self.cell!r}, state={self.delay.shape}"


def simple_cell(in_features: int, features: int, squash: Module | None = None) -> Graph:
    """Z' = tanh(U X + W Z + b), the cell of a simple recurrent net; another squashing module may take tanh's place."""
    graph = Graph()
    x, z = graph.input("x"), graph.input("z")
    pulled = graph(Linear(in_features, features), x, name="input")
    carried = graph(Linear(features, features, bias=False), z, name="state")
    total = graph(Plus(), pulled, carried, name="plus")
    graph.output("z", graph(squash or Tanh(), total, name="squash"))
    return graph
