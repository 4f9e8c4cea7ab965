"""A machine as Mermaid text, which GitHub and Sphinx draw; see mermaid.js.org."""

from collections.abc import Iterator

from xpnet.machines.machine import Machine, Plan
from xpnet.module import Module


def mermaid(machine: Module, cost: Module | None) -> str:
    """The flow chart sample → machine → cost ← label code → energy, one line per box and per wire.

    Without a cost, the machine's outputs are the energies of all labels.
    """
    if cost is None:
        lines = ["flowchart LR", '    sample(["sample"])', '    energies(["energies of all labels"])']
        return "\n".join([*lines, *_boxes(machine, "energies")]) + "\n"
    lines = ["flowchart LR", '    sample(["sample"])', '    label(["label code"])', '    energy(["energy"])']
    lines += _boxes(machine, "cost")
    lines += [f"    cost[{_quoted(repr(cost))}]", "    label --> cost", "    cost --> energy"]
    return "\n".join(lines) + "\n"


def _boxes(machine: Module, end: str) -> Iterator[str]:
    if not isinstance(machine, Machine):
        yield f"    machine[{_quoted(repr(machine))}]"
        yield from ("    sample --> machine", f"    machine --> {end}")
        return
    plan = machine.plan()
    for number, box in enumerate(plan.boxes):
        yield f"    b{number}[{_quoted(f'{box.name}: {box.module!r}')}]"
    yield from _wires(plan, end)


def _wires(plan: Plan, end: str) -> Iterator[str]:
    source = {wire: f"b{number}" for number, box in enumerate(plan.boxes) for wire in box.outputs}
    source |= dict.fromkeys(plan.inputs, "sample")
    for number, box in enumerate(plan.boxes):
        yield from (f"    {source[wire]} --> b{number}" for wire in box.inputs)
    yield from (f"    {source[wire]} --> {end}" for wire in plan.outputs)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "#quot;") + '"'
