"""Timings as Markdown tables and as JSON."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.timing import Timing

BEGIN, END = "<!-- ci/bench: begin -->", "<!-- ci/bench: end -->"
NEW_FILE = f"# Performance\n\n{BEGIN}\n{END}\n"


@dataclass(frozen=True)
class Table:
    """The timings of one workload: case -> one timing for each contestant, xpnet first."""

    name: str
    title: str
    worst_error: float
    rows: dict[str, list[Timing]]
    problems: list[str] = field(default_factory=list)  # contestants that were not timed, and why
    launches: dict[str, str] = field(default_factory=dict)  # on a GPU, of each contestant in the first case


def markdown(facts: dict[str, str], tables: list[Table]) -> str:
    """The machine's facts, then one table for each workload."""
    told = "\n".join(f"- {name}: {text}" for name, text in facts.items())
    return "\n\n".join(filter(None, [told, *(_table(table) for table in tables), captured(tables)]))


CAPTURED = (  # what a captured step costs beside the same library's own compiled step, and beside our eager one
    ("xpnet captured", "torch graph"), ("xpnet captured", "jax jit"), ("xpnet", "xpnet captured"),
    ("xpnet torch captured", "torch compile"), ("xpnet torch captured", "torch graph"),
    ("xpnet torch", "xpnet torch captured"), ("xpnet jax captured", "jax jit"),
)  # fmt: skip


def captured(tables: list[Table]) -> str:
    """Ratios of captured steps over all workloads, or nothing where no step was captured."""
    cases = {
        f"{table.name}, {case}": {timing.name: timing.median for timing in timings}
        for table in tables
        for case, timings in table.rows.items()
    }
    pairs = [pair for pair in CAPTURED if any(pair[0] in row and pair[1] in row for row in cases.values())]
    if not pairs:
        return ""
    ratios = [
        [case, *(f"{row[one] / row[other]:.2f}" if one in row and other in row else "" for one, other in pairs)]
        for case, row in cases.items()
    ]
    head = ["captured steps", *(f"{one} / {other}" for one, other in pairs)]
    return "\n".join(["### Captured steps: ratios of medians", "", *grid([head, *ratios])])


def _table(table: Table) -> str:
    everyone = [timing for timings in table.rows.values() for timing in timings]
    names = list(dict.fromkeys(timing.name for timing in everyone))
    header = [table.name, *names, *(f"{peer} / {names[0]}" for peer in names[1:])]
    rows = [[case, *_row({timing.name: timing for timing in timings}, names)] for case, timings in table.rows.items()]
    told = [f"- not timed: {problem}" for problem in table.problems]
    if table.launches:
        counts = ", ".join(f"{name} {count}" for name, count in table.launches.items())
        told.append(f"- calls of the host that start something / kernels and copies on the device, a step: {counts}")
    lines = grid([header, *rows]) if everyone else []
    return "\n".join([f"### {table.title}", "", *_note(everyone, names, table.worst_error), *lines, "", *told]).rstrip()


def _note(everyone: list[Timing], names: list[str], worst_error: float) -> list[str]:
    if not everyone:
        return []
    chunks = sorted({timing.chunks for timing in everyone})
    told = f"{chunks[0]} to {chunks[-1]}" if len(chunks) > 1 else f"{chunks[0]}"
    note = (
        f"µs per step: median (20th percentile) of {told} chunks, contestants taking turns; ratios of medians, "
        f"above 1 where {names[0]} is faster. Largest relative error of any contestant: {worst_error:.1g}."
    )
    if any(timing.bandwidth for timing in everyone):
        note += (
            " In %: the necessary products' share of the device's speed at products / the necessary bytes' at copies."
        )
    elif any(timing.share for timing in everyone):
        note += (
            " In %: the necessary products' share of the speed of NumPy's 1024-cube product, timed in the same turns."
        )
    return [note, ""]


def _row(timings: dict[str, Timing], names: list[str]) -> list[str]:
    def ratio(name: str) -> str:
        both = name in timings and names[0] in timings
        return f"{timings[name].median / timings[names[0]].median:.2f}" if both else ""

    return [*(_cell(timings[name]) if name in timings else "" for name in names), *map(ratio, names[1:])]


def _cell(timing: Timing) -> str:
    shares = [f"{_percent(share)} %" for share in (timing.share, timing.bandwidth) if share]
    return f"{_figure(timing.median)} ({_figure(timing.p20)}){', ' if shares else ''}{' / '.join(shares)}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f}" if share >= 0.01 else f"{100 * share:.1g}"


def _figure(microseconds: float) -> str:
    return f"{microseconds:.1f}" if microseconds < 100 else f"{microseconds:.0f}"


def grid(rows: list[list[str]]) -> list[str]:
    """Rows as the lines of a Markdown table, the first of them its head."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    ruler = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return [f"| {' | '.join(_aligned(row, widths))} |" for row in (rows[0], ruler, *rows[1:])]


def _aligned(row: list[str], widths: list[int]) -> list[str]:
    return [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]


def write_json(path: Path, measured: dict[str, Any]) -> None:
    """Everything measured, for other programs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(measured, indent=1) + "\n")


def write_between_markers(
    path: Path, text: str, markers: tuple[str, str] = (BEGIN, END), new_file: str = NEW_FILE
) -> None:
    """Replace what stands between the markers; a file without them gets them at its end, a new one a title too."""
    begin, end = markers
    path.parent.mkdir(parents=True, exist_ok=True)
    old = path.read_text() if path.exists() else new_file
    if begin not in old or end not in old:
        old = f"{old.rstrip()}\n\n{begin}\n{end}\n"
    before, _, rest = old.partition(begin)
    path.write_text(f"{before}{begin}\n\n{text}\n\n{end}{rest.partition(end)[2]}")
