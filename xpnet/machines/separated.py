"""A machine in two: what is the same whatever the value of some inputs, and what has to be run for each value."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import final

from xpnet.machines.machine import Box, Machine, Plan


@final
class Part(Machine):
    """Some boxes of another machine, with the same modules and parameters, as a machine."""

    def __init__(self, boxes: Sequence[Box], inputs: Sequence[int], outputs: Sequence[int]) -> None:
        wires = dict.fromkeys([*inputs, *(wire for box in boxes for wire in box.ports)])
        number = {wire: position for position, wire in enumerate(wires)}
        renumbered = tuple(
            Box(box.name, box.module, tuple(number[w] for w in box.inputs), tuple(number[w] for w in box.outputs))
            for box in boxes
        )
        ends = tuple(range(len(inputs))), tuple(number[wire] for wire in outputs)
        self._plan = Plan(renumbered, len(wires), *ends)

    def plan(self) -> Plan:
        """The boxes."""
        return self._plan

    def describe(self) -> str:
        """The boxes by name."""
        return ", ".join(box.name for box in self._plan.boxes)


@dataclass(frozen=True)
class Separated:
    """`early` reads `early_inputs` and drives `kept`; `late` reads `late_inputs`, kept wires and inputs among them.

    Wires are numbered as in the plan that was separated. early is None if there is nothing to do beforehand.
    """

    early: Part | None
    early_inputs: tuple[int, ...]
    kept: tuple[int, ...]
    late: Part
    late_inputs: tuple[int, ...]


def separated(plan: Plan, varying: Iterable[int], keep: Iterable[int] = ()) -> Separated:
    """The boxes that depend on the `varying` inputs, and, to be run once before them, those that do not.

    Running early and then late is the same function, and their bprops in the other order are its bprop: the kept
    wires gather the gradients of every run of `late`. keep: wires that are to be kept if `early` drives them, read or
    not.
    """
    touched = set(varying)
    for box in plan.boxes:
        if touched.intersection(box.inputs):
            touched.update(box.outputs)
    late = [box for box in plan.boxes if touched.intersection(box.outputs)]
    early = [box for box in plan.boxes if not touched.intersection(box.outputs)]
    if not late:  # the varying inputs are not read at all: there is nothing to run for each value
        late, early = early, []
    driven = {wire for box in late for wire in box.outputs}
    read = [wire for wire in dict.fromkeys(wire for box in late for wire in box.inputs) if wire not in driven]
    read += [wire for wire in (*plan.outputs, *keep) if wire not in driven and wire not in read]
    kept = tuple(wire for wire in read if any(wire in box.outputs for box in early))
    late_inputs = tuple(dict.fromkeys([*kept, *(wire for wire in plan.inputs if wire in read or wire in touched)]))
    if not kept:
        return Separated(None, (), (), Part(late, late_inputs, plan.outputs), late_inputs)
    early_inputs = tuple(wire for wire in plan.inputs if any(wire in box.inputs for box in early))
    first, then = Part(early, early_inputs, kept), Part(late, late_inputs, plan.outputs)
    return Separated(first, early_inputs, kept, then, late_inputs)
