"""A machine whose linear modules are multiplied with no replicas that they need not see."""

from collections.abc import Mapping
from dataclasses import replace

from xpnet.machines.dependence import Roles, dependence
from xpnet.machines.machine import Box, Plan
from xpnet.machines.schedule import needed
from xpnet.modules.concatenate import Concatenate
from xpnet.modules.linear import Linear
from xpnet.modules.split_linear import SplitLinear


def factored(plan: Plan, roles: Mapping[int, Roles]) -> Plan:
    """The same function, in which every Linear that reads a Concatenate of unlike parts is a SplitLinear.

    Parts are unlike if they depend on different inputs (roles: see `dependence`): joined, what depends on the sample
    would be replicated for every label before the product. Parameters are shared with the plan given; concatenations
    that nobody reads any more are left out.
    """
    found = dependence(plan, roles)
    joined = {box.outputs[0]: box for box in plan.boxes if isinstance(box.module, Concatenate)}
    boxes = [_split(box, joined, found) for box in plan.boxes]
    if all(new is old for new, old in zip(boxes, plan.boxes, strict=True)):
        return plan
    return replace(plan, boxes=needed(boxes, plan.outputs))


def _split(box: Box, joined: Mapping[int, Box], found: Mapping[int, Roles]) -> Box:
    if not isinstance(box.module, Linear):
        return box
    parts = _parts(box.inputs[0], joined)
    unlike = len({found[wire] for wire in parts}) > 1
    return Box(box.name, SplitLinear(box.module), parts, box.outputs) if unlike else box


def _parts(wire: int, joined: Mapping[int, Box]) -> tuple[int, ...]:
    """The wires that are joined in this one, those of nested concatenations too."""
    if wire not in joined:
        return (wire,)
    return tuple(part for read in joined[wire].inputs for part in _parts(read, joined))
