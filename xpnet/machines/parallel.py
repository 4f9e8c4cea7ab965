"""Machines of equal structure as one machine with a replica axis: all of them in one batched evaluation."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Self, final

from xpnet.backend import Backend
from xpnet.errors import GraphError
from xpnet.machines.cascade import Cascade
from xpnet.machines.graph import Graph
from xpnet.machines.machine import Box, Machine, Plan
from xpnet.module import Module
from xpnet.modules.linear import Linear
from xpnet.modules.stacked import ReplicaAxis, StackedLinear

BOUND = ("backend", "ops", "xp")  # what binding to a backend adds to a module


@final
class Parallel(Machine):
    """Y_k = F_k(X) for K machines of equal structure: vectors X (..., n) to the stack Y (..., K, m).

    The K machines keep their own parameters; their Linear modules are evaluated as one batched product, and all that
    has no parameters once over the replica axis. Raises GraphError if they differ in structure, or hold modules for
    which there is no batched form.

    >>> import numpy as np
    >>> from xpnet.modules import Tanh
    >>> from xpnet.state import State
    >>> x, y = State(np.ones((5, 3), dtype="float32")), State()
    >>> Parallel([Cascade(Linear(3, 4), Tanh(), Linear(4, 2)) for _ in range(6)]).fprop(x, y)
    >>> y.x.shape
    (5, 6, 2)
    """

    def __init__(self, modules: Sequence[Module]) -> None:
        self.modules = tuple(modules)
        if not self.modules or self.modules[0].n_outputs != 1 or len(self.modules[0].event_ndims) != 1:
            msg = "Parallel needs at least one module, each with one input and one output"
            raise GraphError(msg)
        self._stack = stack_of(self.modules)
        self._plan_ = Plan(
            (Box("axis", ReplicaAxis(), (0,), (1,)), Box("stack", self._stack, (1,), (2,))), 3, (0,), (2,)
        )

    def plan(self) -> Plan:
        """A replica axis, then the stack."""
        return self._plan_

    def children(self) -> Iterator[tuple[str, Module]]:
        """The K machines, which hold the parameters."""
        for k, module in enumerate(self.modules):
            yield str(k), module

    def bind(self, backend: Backend) -> Self:
        """Bind the machines, and the stack that evaluates them."""
        for box in self.plan().boxes:
            box.module.bind(backend)
        return super().bind(backend)

    def describe(self) -> str:
        """How many of what."""
        return f"{len(self.modules)} x {self.modules[0]!r}"


@final
class _Stack(Machine):
    """Machines of one wiring, box by box."""

    def __init__(self, machines: Sequence[Machine]) -> None:
        self.machines = tuple(machines)

    def plan(self) -> Plan:
        """The common wiring with a stack in each box."""
        return self._plan

    @cached_property
    def _plan(self) -> Plan:
        plans = [machine.plan() for machine in self.machines]
        columns = zip(*(plan.boxes for plan in plans), strict=True)
        boxes = [replace(column[0], module=stack_of([box.module for box in column])) for column in columns]
        return Plan(tuple(boxes), plans[0].n_wires, plans[0].inputs, plans[0].outputs)


def stack_of(modules: Sequence[Module]) -> Module:
    """One module that computes all of these along a replica axis; GraphError if there is none."""
    first = modules[0]
    # What reads vectors or numbers takes the replica axis for one more lead axis.
    broadcasts = all(ndim in (None, 0, 1) for ndim in first.event_ndims)
    if broadcasts and (all(module is first for module in modules) or _same_function(modules)):
        return first
    linears = [module for module in modules if isinstance(module, Linear)]
    if len(linears) == len(modules):
        return StackedLinear(linears)
    machines = [module for module in modules if isinstance(module, Cascade | Graph)]
    if len(machines) == len(modules) and len({_wiring(machine) for machine in machines}) == 1:
        return _Stack(machines)
    msg = f"{first!r} and its counterparts have no batched form; evaluate the experts one by one (batched=False)"
    raise GraphError(msg)


def _wiring(machine: Machine) -> object:
    plan = machine.plan()
    return type(machine), tuple(box.ports for box in plan.boxes), plan.inputs, plan.outputs


def _same_function(modules: Sequence[Module]) -> bool:
    """Whether these have no parameters and equal settings, all of them plain values."""
    if any(True for module in modules for _ in (*module.named_parameters(), *module.children())):
        return False
    settings = [{name: value for name, value in vars(m).items() if name not in BOUND} for m in modules]
    plain = all(isinstance(value, bool | int | float | str | None) for held in settings for value in held.values())
    return plain and all(type(m) is type(modules[0]) for m in modules) and all(s == settings[0] for s in settings)
