"""Which input steps each output step of a time-delay network depends on."""

from dataclasses import dataclass

from xpnet.errors import GraphError
from xpnet.machines.machine import Machine
from xpnet.module import Module
from xpnet.modules.windowed import Windowed


@dataclass(frozen=True)
class ReceptiveField:
    """Output step t depends on the input steps stride·t … stride·t + reach - 1, and on no others."""

    reach: int = 1
    stride: int = 1

    def steps(self, t: int) -> slice:
        """The input steps that influence output step t."""
        return slice(self.stride * t, self.stride * t + self.reach)

    def after(self, before: "ReceptiveField") -> "ReceptiveField":
        """This layer's field, seen through the layers before it."""
        return ReceptiveField(before.reach + before.stride * (self.reach - 1), before.stride * self.stride)


def receptive_field(machine: Module) -> ReceptiveField:
    """The receptive field of a machine that turns sequences (…, T, F) into sequences, whatever its topology.

    TimeDelay, Convolution and pooling over time widen it; modules that act on each step (Linear, Tanh, Lookup, …) do
    not; where several paths meet, the widest counts. GraphError if the paths have different strides, or if a module
    does something else along time.

    >>> from xpnet.machines import Cascade
    >>> from xpnet.modules import Convolution, Tanh
    >>> receptive_field(Cascade(Convolution(2, 4, kernel=3), Tanh(), Convolution(4, 1, kernel=3)))
    ReceptiveField(reach=5, stride=1)
    """
    return _field(machine) if not isinstance(machine, Machine) else _field_of_machine(machine)


def acts_on_each_step(module: Module) -> bool:
    """Whether a module treats time as one more lead axis, so that step t of its output needs step t of its inputs."""
    return all(ndim is None or ndim < 2 for ndim in module.event_ndims)


def _field_of_machine(machine: Machine) -> ReceptiveField:
    plan = machine.plan()
    if plan.recurrent or machine.over_time:
        msg = f"{machine!r} is recurrent: every step depends on all steps before it, so it has no receptive field"
        raise GraphError(msg)
    fields = dict.fromkeys(plan.inputs, ReceptiveField())
    for box in plan.boxes:
        own = receptive_field(box.module)
        met = own.after(_widest([fields[wire] for wire in box.inputs], box.name))
        fields |= dict.fromkeys(box.outputs, met)
    return _widest([fields[wire] for wire in plan.outputs], "the outputs")


def _field(module: Module) -> ReceptiveField:
    if acts_on_each_step(module):
        return ReceptiveField()
    if isinstance(module, Windowed) and len(module.over) == 1:
        (window,) = module.over
        return ReceptiveField(window.reach, window.stride)
    msg = (
        f"{module!r} is no time-delay layer: a receptive field needs modules with one window over time, or such that "
        "act on each step"
    )
    raise GraphError(msg)


def _widest(fields: list[ReceptiveField], where: str) -> ReceptiveField:
    strides = {field.stride for field in fields}
    if len(strides) != 1:
        msg = f"paths with different strides {sorted(strides)} meet at {where}; give them the same"
        raise GraphError(msg)
    return ReceptiveField(max(field.reach for field in fields), strides.pop())
