"""Any acyclic wiring of modules."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import final

from xpnet._typing import Wires
from xpnet.errors import GraphError
from xpnet.machines.machine import Box, Machine, Plan
from xpnet.machines.unfolded import Unfolded
from xpnet.machines.wiring import in_order
from xpnet.module import Module, require_module
from xpnet.state import State


@dataclass(frozen=True)
class Wire:
    """One wire of a graph, to be handed to modules of the same graph."""

    name: str
    number: int
    graph: object

    def __repr__(self) -> str:
        return f"Wire({self.name!r})"


@final
class Graph(Machine):
    """A machine of any acyclic topology; the order of fprop is found, whatever the order of wiring.

    Loops need a Delay, and make a recurrent machine over sequences (…, T, n) that is unfolded in time.

    `input` declares the machine's inputs, `graph(module, *wires)` adds a box and returns the wire (or wires) that it
    drives, `output` declares what comes out. `wire` declares a wire ahead of the module that drives it, which is then
    added with `to=wire`. Cycles, doubly driven and undriven wires are GraphErrors that name the wires; wires that
    reach no output are warned of.

    >>> from xpnet.modules import Euclidean, Linear, Tanh
    >>> graph = Graph()
    >>> x, y = graph.input("x"), graph.input("y")
    >>> h = graph(Tanh(), graph(Linear(64, 32), x))
    >>> graph.output("energy", graph(Euclidean(), h, y))
    >>> [box.name for box in graph.plan().boxes]
    ['linear1', 'tanh1', 'euclidean1']
    """

    def __init__(self) -> None:
        self._token = object()  # what tells this graph's wires from another's, also in copies
        self._wires: list[Wire] = []
        self._boxes: list[Box] = []
        self._inputs: list[Wire] = []
        self._constants: list[Wire] = []
        self._outputs: dict[str, Wire] = {}
        self._plan: Plan | None = None

    def input(self, name: str, *, constant: bool = False) -> Wire:
        """A new input of the machine; inputs come in the order of their declaration.

        constant: in a recurrent machine, the same at every step, where other inputs are sequences.
        """
        wire = self.wire(name)
        self._inputs.append(wire)
        if constant:
            self._constants.append(wire)
        return wire

    def wire(self, name: str) -> Wire:
        """A wire that some module will drive by `to=`."""
        if any(wire.name == name for wire in self._wires):
            msg = f"this graph has a wire named {name!r} already; give each wire its own name"
            raise GraphError(msg)
        wire = Wire(name, len(self._wires), self._token)
        self._wires.append(wire)
        self._plan = None
        return wire

    def output(self, name: str, wire: Wire) -> None:
        """Let the wire come out of the machine; outputs come in the order of their declaration."""
        self._check_own(wire)
        if name in self._outputs:
            msg = f"this graph has an output named {name!r} already"
            raise GraphError(msg)
        self._outputs[name] = wire
        self._plan = None

    def __call__(
        self, module: Module, *inputs: Wire, to: Wire | Sequence[Wire] | None = None, name: str | None = None
    ) -> Wires:
        """Add a box that reads `inputs`; returns the wire it drives, or a tuple if it has several outputs."""
        require_module(module, "what a graph wires")
        self._check_ports(module, inputs)
        name = name or self._fresh_name(type(module).__name__.lower())
        if any(box.name == name for box in self._boxes):
            msg = f"this graph has a module named {name!r} already; give each module its own name"
            raise GraphError(msg)
        if to is None:
            labels = [name] if module.n_outputs == 1 else [f"{name}.{k}" for k in range(module.n_outputs)]
            driven = tuple(self.wire(label) for label in labels)
        else:
            driven = (to,) if isinstance(to, Wire) else tuple(to)
        self._check_driven(module, driven)
        self._boxes.append(Box(name, module, tuple(w.number for w in inputs), tuple(w.number for w in driven)))
        self._plan = None
        return driven[0] if len(driven) == 1 else driven

    def plan(self) -> Plan:
        """The boxes in order; found once and again after each change of the wiring."""
        if self._plan is None:
            self._plan = self._find_plan()
        return self._plan

    def _find_plan(self) -> Plan:
        if not self._outputs:
            msg = "this graph has no output; declare one with graph.output(name, wire)"
            raise GraphError(msg)
        inputs, outputs = (tuple(w.number for w in ends) for ends in (self._inputs, self._outputs.values()))
        boxes, recurrent = in_order(self._boxes, [wire.name for wire in self._wires], inputs, outputs)
        # Wires are renumbered so that the machine's inputs come first, in their order.
        order = [*inputs, *(w.number for w in self._wires if w.number not in inputs)]
        new = {wire: position for position, wire in enumerate(order)}
        renamed = tuple(
            Box(box.name, box.module, tuple(new[w] for w in box.inputs), tuple(new[w] for w in box.outputs))
            for box in boxes
        )
        constants = tuple(new[wire.number] for wire in self._constants)
        ends = tuple(range(len(inputs))), tuple(new[w] for w in outputs)
        return Plan(renamed, len(order), *ends, recurrent=recurrent, constants=constants)

    def plan_for(self, states: Sequence[State]) -> Plan:
        """The boxes in order, unfolded in time if Delays close loops: the inputs then are sequences."""
        return self._over_time.plan_for(states) if self.plan().recurrent else self.plan()

    @property
    def event_ndims(self) -> tuple[int | None, ...]:  # type: ignore[override]
        """For each input, the event axes of one sample; time is one more where Delays close loops."""
        return self._over_time.event_ndims if self.plan().recurrent else super().event_ndims

    @cached_property
    def _over_time(self) -> Unfolded:
        over_time = Unfolded(self)
        over_time.backend = self.backend
        return over_time

    def _forget_backend(self) -> None:
        super()._forget_backend()
        vars(self).pop("_over_time", None)

    def _fresh_name(self, kind: str) -> str:
        taken = {box.name for box in self._boxes} | {wire.name for wire in self._wires}
        return next(name for k in range(1, len(taken) + 2) if (name := f"{kind}{k}") not in taken)

    def _check_own(self, wire: object) -> None:
        if not isinstance(wire, Wire):
            msg = (
                f"a graph connects wires, from graph.input(name) or graph(module, …); got a {type(wire).__name__}. "
                "Values enter by graph.fprop(State(x), …)"
            )
            raise GraphError(msg)
        if wire.graph is not self._token:
            msg = f"wire {wire.name!r} belongs to another graph; a graph only wires its own"
            raise GraphError(msg)

    def _check_ports(self, module: Module, inputs: Sequence[Wire]) -> None:
        for wire in inputs:
            self._check_own(wire)
        expected = "at least 1" if module.variadic else str(len(module.event_ndims))
        fits = len(inputs) >= 1 if module.variadic else len(inputs) == len(module.event_ndims)
        if not fits:
            msg = f"{type(module).__name__} has {expected} inputs; {len(inputs)} wires were given"
            raise GraphError(msg)

    def _check_driven(self, module: Module, driven: Sequence[Wire]) -> None:
        if len(driven) != module.n_outputs:
            msg = f"{type(module).__name__} drives {module.n_outputs} wires; to= names {len(driven)}"
            raise GraphError(msg)
        taken = {wire for box in self._boxes for wire in box.outputs} | {wire.number for wire in self._inputs}
        for wire in driven:
            self._check_own(wire)
            if wire.number in taken:
                msg = f"wire {wire.name!r} is driven twice, now by {type(module).__name__}; add wires with Plus"
                raise GraphError(msg)

    def describe(self) -> str:
        """How many boxes and wires."""
        return f"{len(self._boxes)} modules, {len(self._wires)} wires"
