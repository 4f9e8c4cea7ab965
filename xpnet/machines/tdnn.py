"""Time-delay networks, and the minimal network that influences one time step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from xpnet.errors import GraphError
from xpnet.machines.cascade import Cascade
from xpnet.machines.graph import Graph, Wire
from xpnet.machines.machine import Box, Machine, Plan
from xpnet.machines.receptive_field import acts_on_each_step, receptive_field
from xpnet.module import Module
from xpnet.modules.convolution import Convolution
from xpnet.modules.pointwise import Tanh
from xpnet.modules.steps import Join, Steps
from xpnet.modules.windowed import Windowed
from xpnet.ops.window import Window


def tdnn(
    features: Sequence[int], windows: Sequence[int | Window], squasher: Callable[[], Module] | None = Tanh
) -> Cascade:
    """Stacked time-delay layers: Convolution, squasher, Convolution, squasher, …, each making a sequence for the next.

    features: the features of the input and of every layer's output, one more than `windows`. windows: each layer's
    width, or a Window with stride and dilation. squasher: what follows each layer; None for nothing.

    >>> receptive_field(tdnn([16, 8, 3], [3, 5])).reach
    7
    """
    if len(features) != len(windows) + 1 or not windows:
        msg = f"a TDNN of {len(windows)} layers has {len(windows) + 1} numbers of features; got {list(features)}"
        raise GraphError(msg)
    layers: list[Module] = []
    for inside, outside, window in zip(features[:-1], features[1:], windows, strict=True):
        over = Window(window) if isinstance(window, int) else window
        layers.append(Convolution(inside, outside, over.width, over.stride, over.dilation))
        layers += [] if squasher is None else [squasher()]
    return Cascade(*layers)


@dataclass(frozen=True)
class MinimalNetwork:
    """A machine for one output step: it maps the window X[steps] (…, reach, F) to Y_t (…, 1, O)."""

    machine: Graph
    steps: slice


def minimal_network(machine: Machine, t: int) -> MinimalNetwork:
    """The smallest part of a time-delay network that influences output step t, as a machine of its own.

    It is built backward from that step: a layer stands there once for each of its steps that is needed, with the very
    parameters of `machine`. Fed X[..., steps, :] it gives the energies and gradients of the whole network at step t;
    the replicas of a layer sum their gradients into the weights they share. Any acyclic machine with one input and
    one output sequence may be taken apart.

    >>> part = minimal_network(tdnn([2, 4, 1], [3, 3]), t=6)
    >>> part.steps, sum(isinstance(box.module, Convolution) for box in part.machine.plan().boxes)
    (slice(6, 11, None), 4)
    """
    plan = machine.plan()
    if len(plan.inputs) != 1 or len(plan.outputs) != 1 or t < 0:
        msg = f"a minimal network has one input, one output and a step t >= 0; {machine!r} was asked for t={t}"
        raise GraphError(msg)
    field = receptive_field(machine)
    graph = Graph()
    part = _Part(graph, -1 if machine.takes_symbols(0) else -2)
    graph.output("output", part.of(_Scope(plan, "", part.input), plan.outputs[0], 0))
    graph.bind(machine.backend)
    return MinimalNetwork(graph, field.steps(t))


@dataclass(frozen=True)
class _Scope:
    """A plan, the path of names that leads to it, and what gives a step of its inputs."""

    plan: Plan
    path: str
    input: Callable[[int, int], Wire]


class _Part:
    """The graph that grows, backward from the step that is asked for; each box stands once for each of its steps."""

    def __init__(self, graph: Graph, time_axis: int) -> None:
        self.graph, self.window, self.time_axis = graph, graph.input("window"), time_axis
        self._made: dict[str, Sequence[Wire]] = {}

    def input(self, number: int, step: int) -> Wire:
        """One step of the window."""
        return self._once(
            f"step@{step}", lambda name: self._add(Steps(step, axis=self.time_axis), self.window, name=name)
        )[0]

    def of(self, scope: _Scope, wire: int, step: int) -> Wire:
        """The graph's wire for one step of a wire of the scope's plan."""
        if wire in scope.plan.inputs:
            return scope.input(scope.plan.inputs.index(wire), step)
        box = next(box for box in scope.plan.boxes if wire in box.outputs)
        port = box.outputs.index(wire)
        if isinstance(box.module, Machine) and not acts_on_each_step(box.module):
            inner = _Scope(
                box.module.plan(), f"{scope.path}{box.name}.", lambda number, at: self.of(scope, box.inputs[number], at)
            )
            return self.of(inner, inner.plan.outputs[port], step)
        return self._once(f"{scope.path}{box.name}@{step}", lambda name: self._replica(scope, box, step, name))[port]

    def _replica(self, scope: _Scope, box: Box, step: int, name: str) -> Sequence[Wire]:
        if not isinstance(box.module, Windowed):
            return self._add(box.module, *(self.of(scope, wire, step) for wire in box.inputs), name=name)
        (window,) = box.module.over
        seen = [self.of(scope, box.inputs[0], window.step(step, j)) for j in range(window.width)]
        return self._add(box.module.at_one_position(), *self._add(Join(), *seen, name=f"{name} window"), name=name)

    def _once(self, name: str, make: Callable[[str], Sequence[Wire]]) -> Sequence[Wire]:
        if name not in self._made:
            self._made[name] = make(name)
        return self._made[name]

    def _add(self, module: Module, *inputs: Wire, name: str) -> Sequence[Wire]:
        driven = self.graph(module, *inputs, name=name)
        return [driven] if isinstance(driven, Wire) else driven
