"""Whether wired boxes make an acyclic machine, and in which order they run."""

import warnings
from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from xpnet.errors import GraphError
from xpnet.machines.machine import Box
from xpnet.modules.delay import Delay


class DeadWireWarning(UserWarning):
    """A wire that is computed but reaches no output: its work is lost and it gets no gradient."""


def in_order(
    boxes: Sequence[Box], names: Sequence[str], inputs: Sequence[int], outputs: Sequence[int]
) -> tuple[list[Box], bool]:
    """The boxes so that each comes after those it reads from, and whether Delays had to cut loops for that.

    Among free choices, in the order of wiring. Raises GraphError, naming wires, for loops without a Delay and for wires
    that are read but never driven; warns of dead wires.
    """
    drivers = {wire: box for box in boxes for wire in box.outputs}
    read = {wire for box in boxes for wire in box.inputs}
    undriven = [names[wire] for wire in sorted(read | set(outputs)) if wire not in drivers and wire not in inputs]
    if undriven:
        msg = f"wires read but never driven: {', '.join(undriven)}; drive each with graph(module, ..., to=wire)"
        raise GraphError(msg)
    dead = [names[wire] for wire in sorted(set(drivers) | set(inputs)) if wire not in read and wire not in outputs]
    if dead:
        warnings.warn(f"dead wires, read by no module and no output: {', '.join(dead)}", DeadWireWarning, stacklevel=4)
    try:
        return _sorted(boxes, drivers, cut=False), False
    except CycleError:
        pass  # a loop that a Delay closes is a recurrent machine
    try:
        return _sorted(boxes, drivers, cut=True), True
    except CycleError as error:
        loop = [boxes[position] for position in error.args[1]]
        shared = [_between(a, b, names) for a, b in pairwise(loop)]
        msg = (
            f"the wiring has a cycle through {' -> '.join(shared + shared[:1])}; an acyclic machine is needed, or a "
            "Delay in the loop, graph(Delay(size), wire), which makes it a recurrent machine that is unfolded in time"
        )
        raise GraphError(msg) from None


def _sorted(boxes: Sequence[Box], drivers: Mapping[int, Box], *, cut: bool) -> list[Box]:
    """In topological order; cut=True: what a Delay reads at this step it gives at the next, so it need not be ready."""
    sorter: TopologicalSorter[int] = TopologicalSorter()
    place = {id(box): position for position, box in enumerate(boxes)}
    for position, box in enumerate(boxes):
        needed = box.inputs[1:] if cut and isinstance(box.module, Delay) else box.inputs
        sorter.add(position, *(place[id(drivers[wire])] for wire in needed if wire in drivers))
    return [boxes[position] for position in sorter.static_order()]


def _between(a: Box, b: Box, names: Sequence[str]) -> str:
    common = set(a.outputs) & set(b.inputs) or set(b.outputs) & set(a.inputs)
    return f"{names[min(common)]!r} ({a.name})"
