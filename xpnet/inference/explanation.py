"""Which parts of a machine run once, and which for every sample, label and latent value: what `explain()` prints."""

from dataclasses import dataclass
from typing import final

from xpnet.inference.energy_function import EnergyFunction
from xpnet.inference.relaxation import Relaxation
from xpnet.machines.dependence import Roles
from xpnet.machines.machine import Box
from xpnet.module import Module
from xpnet.modules.split_linear import SplitLinear

COUNTS = {"sample": "B", "label": "K", "latent": "M"}


@final
@dataclass(frozen=True)
class Row:
    """One box: its name, its module, what it depends on, how many replicas run, and what was made of it."""

    name: str
    module: str
    depends_on: tuple[str, ...]
    replicas: str
    note: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as texts."""
        return self.name, self.module, ", ".join(self.depends_on) or "nothing", self.replicas, self.note


@final
@dataclass(frozen=True)
class Explanation:
    """The boxes in the order in which they run; its str is a table. B samples, K labels, M latent values."""

    rows: tuple[Row, ...]
    last: str

    def __str__(self) -> str:
        head = ("box", "module", "depends on", "replicas", "")
        cells = [head, *(row.cells for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in cells]
        return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:], self.last])


def explain(function: EnergyFunction, last: str = "") -> Explanation:
    """A row for each box of the machine and the cost, in the form in which they run; `last` is a closing line."""
    found = {wire: _with_relaxed(roles, function) for wire, roles in function.dependence().items()}
    late = [box for box in function.plan.boxes if "label" in found[box.outputs[0]]]
    early = [box for box in function.plan.boxes if box not in late]
    rows = tuple(_row(box, found[box.outputs[0]], function) for box in (*early, *late))
    return Explanation(rows, last)


def _row(box: Box, roles: Roles, function: EnergyFunction) -> Row:
    ordered = tuple(role for role in COUNTS if role in roles)
    counted = [COUNTS[role] for role in ordered if not (role == "latent" and _relaxed(function))]
    replicas = " × ".join(counted) or "once"
    return Row(box.name, _words(box.module), ordered, replicas, _note(box, roles, function))


def _with_relaxed(roles: Roles, function: EnergyFunction) -> Roles:
    """A latent value that is searched for is another one for each sample and label."""
    return roles | {"sample", "label"} if "latent" in roles and _relaxed(function) else roles


def _relaxed(function: EnergyFunction) -> bool:
    return isinstance(function.latent, Relaxation)


def _note(box: Box, roles: Roles, function: EnergyFunction) -> str:
    if "latent" in roles and _relaxed(function):
        return "in each step of the descent"
    if isinstance(box.module, SplitLinear):
        return f"a sum of {len(box.inputs)} products, before replication"
    if function.metric is not None and box.module is function.cost:
        return "all pairs by one product"
    return ""


def _words(module: Module) -> str:
    words = repr(module)
    return words if len(words) <= 48 else type(module).__name__
