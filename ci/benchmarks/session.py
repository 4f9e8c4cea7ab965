"""One benchmark session: gather, prove, time, report."""

from dataclasses import asdict
from typing import Any

from benchmarks import report
from benchmarks.arguments import Arguments
from benchmarks.environment import Prepared
from benchmarks.libraries import Libraries, gather
from benchmarks.machine import facts
from benchmarks.peak import peak_runner, shares
from benchmarks.peak_memory import measured, sentence
from benchmarks.timing import Timing, interleave
from benchmarks.workload import Contestant, Disagreement, Workload, compare
from benchmarks.workloads import WORKLOADS
from xpnet.errors import BackendError


def run(arguments: Arguments, prepared: Prepared) -> int:
    """Everything that was asked for; 0 unless a contestant computes something else."""
    print(prepared)
    chosen = [workload for workload in WORKLOADS if not arguments.only or workload.name in arguments.only]
    if not chosen:
        print(f"no such workload; known: {', '.join(workload.name for workload in WORKLOADS)}")
        return 2
    try:
        libraries = gather(arguments.backend)
    except BackendError as error:
        print(error)
        return error.exit_code
    for name, reason in libraries.absent.items():
        print(f"{name}: {reason}")
    try:
        tables = [_timed(workload, arguments, libraries) for workload in chosen]
    except Disagreement as error:
        print(f"not timed: {error}")
        return 1
    told = facts(libraries, prepared)
    if libraries.backend.name == "numpy" and not arguments.quick and any(w.name == "large_label_sets" for w in chosen):
        told["memory"] = sentence(measured())
    _deliver(arguments, told, tables)
    return 0


def _timed(workload: Workload, arguments: Arguments, libraries: Libraries) -> report.Table:
    """The timings of every case of one workload, each proved first."""
    rows: dict[str, list[Any]] = {}
    worst = 0.0
    for case in workload.cases(arguments.quick):
        exact = workload.exact(case)
        with libraries.backend.device_scope():
            contestants = list(workload.contestants(case, libraries))
            worst = max([worst, *(compare(contestant, exact) for contestant in contestants)])
            flops = None if libraries.gpu else workload.flops(case)
            rows[str(case)] = _case(contestants, arguments.rounds, flops, workload.chunk)
    return report.Table(workload.name, workload.title, worst, rows)


def _case(contestants: list[Contestant], rounds: int, flops: int | None, chunk: float) -> list[Timing]:
    runners = [contestant.runner for contestant in contestants]
    return (
        shares(interleave([*runners, peak_runner()], rounds, chunk), flops)
        if flops
        else interleave(runners, rounds, chunk)
    )


def _deliver(arguments: Arguments, told: dict[str, str], tables: list[report.Table]) -> None:
    text = report.markdown(told, tables)
    print("\n" + text)
    if arguments.json:
        report.write_json(arguments.json, {"facts": told, "tables": [asdict(table) for table in tables]})
        print(f"wrote {arguments.json}")
    if arguments.markdown:
        report.write_between_markers(arguments.markdown, text)
        print(f"wrote {arguments.markdown}")
