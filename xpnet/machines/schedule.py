"""When each box of a recurrent step may run: once, on the whole sequence, or only within the loop over time."""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

from xpnet.machines.machine import Box, Machine, Plan
from xpnet.modules.delay import Delay


class When(Enum):
    """A box runs once for all steps; on the whole sequence before or after the loop; or at each step in the loop."""

    ONCE = "once"
    BEFORE = "before"
    LOOP = "loop"
    AFTER = "after"


def schedule(step: Plan, *, before: bool, after: bool) -> dict[str, When]:
    """When each box of the step runs, by name.

    A box that reads constants only runs once. before, after: what does not depend on delayed wires, and what no delay
    depends on, may run on the whole sequence, which is one more lead axis; boxes that read constants stay in the loop.
    """
    constants, sequences = constant_wires(step), set(step.inputs) - set(step.constants)
    when: dict[str, When] = {}
    for box in step.boxes:
        if constants.issuperset(box.outputs):
            when[box.name] = When.ONCE
        elif before and not isinstance(box.module, Delay) and sequences.issuperset(box.inputs):
            when[box.name] = When.BEFORE
            sequences.update(box.outputs)
        else:
            when[box.name] = When.LOOP
    if after:
        wanted = {box.inputs[0] for box in step.boxes if isinstance(box.module, Delay)}
        for box in reversed(step.boxes):
            if when[box.name] is not When.LOOP:
                continue
            if isinstance(box.module, Delay) or wanted.intersection(box.outputs) or constants.intersection(box.inputs):
                wanted.update(box.inputs)
            else:
                when[box.name] = When.AFTER
    return when


def constant_wires(step: Plan) -> set[int]:
    """The wires that are the same at every step: constant inputs, and what depends on nothing else."""
    constants = set(step.constants)
    for box in step.boxes:
        if constants.issuperset(box.inputs):
            constants.update(box.outputs)
    return constants


def wire_leads(step: Plan, leads: Sequence[int]) -> dict[int, int]:
    """For each wire, how many lead axes it has: as many as the widest of all the inputs that it depends on."""
    found = dict.fromkeys((wire for box in step.boxes for wire in box.outputs), 0)
    found |= dict(zip(step.inputs, leads, strict=True))
    for _ in range(1 + sum(isinstance(box.module, Delay) for box in step.boxes)):  # once around each loop
        for box in step.boxes:
            widest = max((found[wire] for wire in box.inputs), default=0)
            found |= {wire: max(widest, found[wire]) for wire in box.outputs}
    return found


def step_ndim(step: Plan, wire: int, seen: frozenset[int] = frozenset()) -> int | None:
    """The event axes of a wire at one step, as the first module that says so reads it."""
    for box in step.boxes:
        for port, read in enumerate(box.inputs):
            if read != wire:
                continue
            if isinstance(box.module, Delay):
                return len(box.module.shape)
            ndims = box.module.event_ndims
            found = ndims[0 if box.module.variadic else port]
            if found is None and len(box.outputs) == 1 and wire not in seen:
                found = step_ndim(step, box.outputs[0], seen | {wire})
            if found is not None:
                return found
    return None


def needed(boxes: Iterable[Box], outputs: Iterable[int]) -> tuple[Box, ...]:
    """The boxes that the outputs depend on."""
    wanted, kept = set(outputs), []
    for box in reversed(list(boxes)):
        if wanted.intersection(box.outputs):
            wanted.update(box.inputs)
            kept.append(box)
    return tuple(kept[::-1])


def inlined(plan: Plan) -> Plan:
    """The same plan with the boxes of nested machines in place of the machines."""
    boxes: list[Box] = []
    n_wires = plan.n_wires
    for box in plan.boxes:
        inner = _inner(box)
        if inner is None:
            boxes.append(box)
            continue
        new = dict(zip((*inner.inputs, *inner.outputs), box.ports, strict=True))
        for wire in range(inner.n_wires):
            if wire not in new:
                new[wire], n_wires = n_wires, n_wires + 1
        boxes += [_renamed(part, f"{box.name}.{part.name}", new) for part in inner.boxes]
    return Plan(tuple(boxes), n_wires, plan.inputs, plan.outputs, plan.recurrent, plan.constants)


def _inner(box: Box) -> Plan | None:
    """The inlined plan of a nested machine; None for what must stay one box."""
    if not isinstance(box.module, Machine) or box.module.over_time:
        return None
    plan = box.module.plan()
    plain = not any(isinstance(part.module, Delay) for part in plan.boxes)  # a Delay in there means another time
    return inlined(plan) if plain and len({*plan.inputs, *plan.outputs}) == len(box.ports) else None


def _renamed(box: Box, name: str, new: Mapping[int, int]) -> Box:
    return Box(name, box.module, tuple(new[w] for w in box.inputs), tuple(new[w] for w in box.outputs))
