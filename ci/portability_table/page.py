"""What was measured, as a summary for a terminal and as tables for the page."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from benchmarks import report
from benchmarks.report import grid

from portability_table.bounds import bound, drifts
from portability_table.facts import facts
from portability_table.passes import KINDS
from portability_table.places import Place

if TYPE_CHECKING:
    from portability_table.session import Row

BEGIN, END = "<!-- ci/portability: begin -->", "<!-- ci/portability: end -->"
NEW_FILE = f"# The same numbers\n\n{BEGIN}\n{END}\n"
write_between_markers = partial(report.write_between_markers, markers=(BEGIN, END), new_file=NEW_FILE)


def summary(rows: Sequence["Row"], places: Sequence[Place], absent: dict[str, str], updates: int) -> str:
    """The worst of every place, then all complaints."""
    problems = [problem for row in rows for problem in row.problems]
    missing = [f"{row.machine.name}: not trained: {row.absent}" for row in rows if row.absent]
    told = [*_worst(rows, places), "", *missing, *(f"{name}: {reason}" for name, reason in absent.items()), *problems]
    trained = sum(not row.absent for row in rows)
    verdict = f"{len(problems)} differences too large" if problems else "all differences within their bounds"
    return "\n".join([*told, f"{trained} machines, {updates} updates at each of {len(places)} places: {verdict}"])


def page(rows: Sequence["Row"], places: Sequence[Place], absent: dict[str, str], updates: int) -> str:
    """Facts, the worst of every place, and every difference, a table for each dtype."""
    told = [f"- {name}: {text}" for name, text in facts(places, updates).items()]
    told += [f"- not run on hardware: {name}: {reason}" for name, reason in absent.items()]
    told += [f"- not trained: {row.machine.name}: {row.absent}" for row in rows if row.absent]
    told += [f"- **too large**: {problem}" for row in rows for problem in row.problems]
    shown = [row for row in rows if row.found]
    tables = [_table(shown, dtype, [place for place in places if place.dtype == dtype]) for dtype in _dtypes(places)]
    machines = [f"- **{row.machine.name}**: {row.machine.about}" for row in rows]
    worst = ["", "### The largest over all machines", "", *_worst(rows, places)]
    return "\n".join([*told, *worst, *(line for table in tables for line in table), "", "### Machines", "", *machines])


def _dtypes(places: Sequence[Place]) -> list[str]:
    return list(dict.fromkeys(place.dtype for place in places))


def _worst(rows: Sequence["Row"], places: Sequence[Place]) -> list[str]:
    """Of each place: the largest difference of each kind, and the largest in drifts of its machine."""
    lines = [["place", *KINDS, "in drifts", "of", "seconds"]]
    for place in places:
        here = [row for row in rows if place in row.found]
        if not here:
            continue
        largest = (_figure(max(row.found[place][kind] for row in here)) for kind in KINDS)
        far, name = max((_drifts(row, place), row.machine.name) for row in here)
        seconds = sum(row.seconds[place] for row in here)
        lines.append([str(place), *largest, f"{far:.2g}", name if far else "", f"{seconds:.0f}"])
    return grid(lines)


def _drifts(row: "Row", place: Place) -> float:
    """The place's largest difference in units of what one rounding an update makes of this machine."""
    return max(row.found[place].values()) / drifts(row.drift, place.dtype)


def _table(rows: Sequence["Row"], dtype: str, places: Sequence[Place]) -> list[str]:
    """A row for each machine, a column for each place."""
    short = [str(place).removesuffix(f" {dtype}") for place in places]
    lines = [
        [
            row.machine.name,
            *(_cell(row, place) for place in places),
            *([_figure(row.drift)] if dtype == "float32" else []),
            _figure(bound(row.drift, dtype)),
        ]
        for row in rows
    ]
    head = ["machine", *short, *(["drift"] if dtype == "float32" else []), "allowed"]
    return ["", f"### {dtype}: {' / '.join(KINDS)}", "", *grid([head, *lines])]


def _cell(row: "Row", place: Place) -> str:
    if place not in row.found:
        return "failed"
    return " / ".join(_figure(row.found[place][kind]) for kind in KINDS)


def _figure(value: float) -> str:
    return "0" if value == 0 else f"{value:.0e}".replace("e-0", "e-")
