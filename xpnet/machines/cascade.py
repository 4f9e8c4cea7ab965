"""Modules one after the other."""

from functools import cached_property
from typing import final

from xpnet.errors import GraphError
from xpnet.machines.machine import Box, Machine, Plan
from xpnet.module import Module, require_module


@final
class Cascade(Machine):
    """Y = F_n(… F_2(F_1(X))): each module reads the output of the one before.

    Modules are named "0", "1", … in parameter names and messages. The first module may have several inputs.

    >>> import numpy as np
    >>> from xpnet.modules import Linear, Tanh
    >>> from xpnet.state import State
    >>> machine = Cascade(Linear(3, 4), Tanh(), Linear(4, 2))
    >>> x, y = State(np.ones((5, 3), dtype="float32")), State()
    >>> machine.fprop(x, y)
    >>> y.x.shape
    (5, 2)
    """

    def __init__(self, *modules: Module) -> None:
        if not modules:
            msg = "Cascade needs at least one module"
            raise GraphError(msg)
        for position, module in enumerate(modules):
            require_module(module, f"Cascade: module {position}")
            single_input = position == 0 or module.variadic or len(module.event_ndims) == 1
            if not single_input or module.n_outputs != 1:
                msg = (
                    f"Cascade passes one wire from module to module; module {position} ({type(module).__name__}) has "
                    f"{len(module.event_ndims)} inputs and {module.n_outputs} outputs. Wire it with a Graph"
                )
                raise GraphError(msg)
        self.modules = modules
        self.n_inputs = 1 if modules[0].variadic else len(modules[0].event_ndims)

    def plan(self) -> Plan:
        """The modules in the order given."""
        return self._plan

    @cached_property
    def _plan(self) -> Plan:
        first = tuple(range(self.n_inputs))
        boxes = tuple(
            Box(str(k), module, first if k == 0 else (self.n_inputs + k - 1,), (self.n_inputs + k,))
            for k, module in enumerate(self.modules)
        )
        return Plan(boxes, self.n_inputs + len(boxes), first, boxes[-1].outputs)

    def __getitem__(self, position: int) -> Module:
        return self.modules[position]

    def __len__(self) -> int:
        return len(self.modules)

    def describe(self) -> str:
        """The modules."""
        return ", ".join(map(repr, self.modules))
