"""One session: train every machine at every place, compare, report."""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from portability_table.arguments import Arguments
from portability_table.bounds import bound
from portability_table.course import Machine
from portability_table.differences import Differences, differences
from portability_table.machines import MACHINES
from portability_table.page import page, summary, write_between_markers
from portability_table.passes import Numbers, learn, numbers, rounded_to_float32
from portability_table.places import ORACLE, PLACES, Place, usable
from xpnet.errors import DataError, XpnetError, nearest


@dataclass
class Row:
    """What became of one machine: how far it drifts by itself, and how far each place is from the oracle."""

    machine: Machine
    drift: float = 0.0
    found: dict[Place, Differences] = field(default_factory=dict)
    seconds: dict[Place, float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    absent: str = ""  # why it was not trained at all

    def judge(self, place: Place, found: Differences, seconds: float) -> None:
        """Keep the differences, and complain of those that are too large."""
        self.found[place], self.seconds[place] = found, seconds
        allowed = bound(self.drift, place.dtype)
        self.problems += [
            f"{self.machine.name} on {place}: {kind} differs by {found[kind]:.2g}, where {allowed:.2g} may be expected"
            for kind in found
            if not found[kind] <= allowed
        ]


def run(arguments: Arguments) -> int:
    """Everything that was asked for; 0 if there are numbers and all agree."""
    known = {machine.name for machine in MACHINES}, {place.name for place in PLACES}
    for names, among in zip((arguments.only, arguments.backend), known, strict=True):
        for name in names:
            if name not in among:
                print(f"no such name {name!r}; {nearest(name, sorted(among))}", file=sys.stderr)
                return 2
    places, absent = usable(arguments.backend)
    chosen = [machine for machine in MACHINES if not arguments.only or machine.name in arguments.only]
    rows = list(_trained(chosen, places, arguments.updates))
    print(summary(rows, places, absent, arguments.updates))
    if arguments.markdown is not None:
        write_between_markers(arguments.markdown, page(rows, places, absent, arguments.updates))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps([_record(row) for row in rows], indent=1) + "\n")
    return int(any(row.problems for row in rows) or all(row.absent for row in rows))


def _trained(machines: Sequence[Machine], places: Sequence[Place], updates: int) -> Iterator[Row]:
    """One row after the other, with a bar on a terminal."""
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=len(machines) * (len(places) + 2))
        for machine in machines:
            row = Row(machine)
            for at in steps(row, places, updates):
                progress.update(task, advance=1, description=f"{machine.name}: {at}")
            yield row
            _forget_programs()


def _forget_programs() -> None:
    """JAX keeps what it compiled for every shape: gigabytes, by the last machine."""
    if "jax" in sys.modules:
        sys.modules["jax"].clear_caches()


def steps(row: Row, places: Sequence[Place], updates: int) -> Iterator[object]:
    """Train the oracle twice, then everywhere; yields what was done."""
    try:
        oracle = trained(row.machine, ORACLE, updates)
    except DataError as error:
        row.absent = str(error)
        return
    yield ORACLE
    row.drift = max(differences(trained(row.machine, ORACLE, updates, rounding=True), oracle).values())
    yield "drift"
    for place in places:
        begun = time.perf_counter()
        try:
            found = trained(row.machine, place, updates)
        except XpnetError as error:
            row.problems.append(f"{row.machine.name} on {place}: {type(error).__name__}: {error}")
        else:
            row.judge(place, differences(found, oracle), time.perf_counter() - begun)
        yield place


def trained(machine: Machine, place: Place, updates: int, *, rounding: bool = False) -> Numbers:
    """The machine's numbers after so many updates at a place."""
    course = machine.make(place.open())
    learn(course, updates, rounded_to_float32 if rounding else None)
    return numbers(course)


def _record(row: Row) -> dict[str, object]:
    return {
        "machine": row.machine.name,
        "drift": row.drift,
        "differences": {str(place): found for place, found in row.found.items()},
        "seconds": {str(place): round(seconds, 2) for place, seconds in row.seconds.items()},
        "problems": row.problems,
        "absent": row.absent,
    }
