"""One benchmark session: gather, prove, time, report; what is finished is written at once."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from benchmarks import report
from benchmarks.arguments import Arguments
from benchmarks.calls_table import calls_table
from benchmarks.environment import Prepared
from benchmarks.launches import launches
from benchmarks.libraries import Libraries, gather
from benchmarks.machine import facts
from benchmarks.peak import Peak, of_gpu, of_processor, peak_runner, shares
from benchmarks.peak_memory import measured, sentence
from benchmarks.timing import Runner, Timing, interleave
from benchmarks.workload import Extent, Workload, compare
from benchmarks.workloads import WORKLOADS
from xpnet.errors import BackendError


def run(arguments: Arguments, prepared: Prepared) -> int:
    """Everything that was asked for; 0 unless a contestant fails or computes something else."""
    print(prepared)
    chosen = [workload for workload in WORKLOADS if not arguments.only or workload.name in arguments.only]
    if not chosen:
        print(f"no such workload; known: {', '.join(workload.name for workload in WORKLOADS)}")
        return 2
    try:
        libraries = gather(arguments.backend, arguments.device, arguments.also, arguments.compiled)
    except BackendError as error:
        print(error)
        return error.exit_code
    for name, reason in libraries.absent.items():
        print(f"{name}: {reason}")
    if arguments.calls:
        print("\n" + calls_table(chosen, libraries))
        return 0
    told, session = facts(libraries, prepared), Session(arguments, libraries)
    if session.peak:
        told["measured here"] = str(session.peak)
    for _ in session.tables(chosen):
        _deliver(arguments, told, session.finished)
    if libraries.backend.name == "numpy" and not arguments.quick and any(w.name == "large_label_sets" for w in chosen):
        told["memory"] = sentence(measured())
    print("\n" + _deliver(arguments, told, session.finished))
    return int(any(table.problems for table in session.finished))


class Session:
    """The tables so far."""

    def __init__(self, arguments: Arguments, libraries: Libraries) -> None:
        self.arguments, self.libraries = arguments, libraries
        self.extent = Extent(arguments.quick, libraries.gpu, tuple(arguments.batch))
        self.peak: Peak | None = of_gpu(libraries) if libraries.gpu else None
        self.finished: list[report.Table] = []

    def tables(self, workloads: Iterable[Workload]) -> Iterable[None]:
        """Time case after case; yields whenever the tables have grown."""
        for workload in workloads:
            rows: dict[str, list[Timing]] = {}
            problems: list[str] = []
            counts: dict[str, str] = {}
            worst = 0.0
            for case in workload.cases(self.extent):
                with self.libraries.backend.device_scope():
                    proved = Proof(workload, case, self.libraries)
                    timings = self._timed(workload, case, proved.runners)
                    counts = counts or self._launches(proved.runners)
                worst = max(worst, proved.worst)
                problems += [f"{case}: {problem}" for problem in proved.problems]
                if timings:
                    rows[str(case)] = timings
                table = report.Table(workload.name, workload.title, worst, rows, problems, counts)
                self.finished = [*(each for each in self.finished if each.name != workload.name), table]
                print(
                    f"{workload.name}, {case}: {', '.join(f'{t.name} {t.median:.1f} µs' for t in timings)}", flush=True
                )
                yield

    def _launches(self, runners: list[Runner]) -> dict[str, str]:
        torch = self.libraries.torch
        if not self.libraries.gpu or torch is None:
            return {}
        try:
            return {runner.name: str(launches(runner.step, runner.wait, torch)) for runner in runners}
        except Exception as error:  # a profiler that is not allowed here costs no timing
            return {"not counted": str(error).splitlines()[0]}

    def _timed(self, workload: Workload, case: Any, runners: list[Runner]) -> list[Timing]:
        """Interleaved timings with their shares of the peaks."""
        flops, traffic, rounds = workload.flops(case), workload.traffic(case), self.arguments.rounds
        if not flops or not runners:
            return interleave(runners, rounds, workload.chunk)
        if self.peak:
            return shares(interleave(runners, rounds, workload.chunk), self.peak, flops, traffic)
        *timings, product = interleave([*runners, peak_runner()], rounds, workload.chunk)
        return shares(timings, of_processor(product), flops, traffic)


class Proof:
    """The contestants of one case that gave the right answer, and what is wrong with the others."""

    def __init__(self, workload: Workload, case: Any, libraries: Libraries) -> None:
        exact = workload.exact(case)
        self.runners: list[Runner] = []
        self.problems: list[str] = []
        self.worst = 0.0
        for contestant in workload.contestants(case, libraries):
            try:
                entry = contestant.enter()
                self.worst = max(self.worst, compare(contestant.name, entry, exact))
                self.runners.append(entry.runner)
            except Exception as error:  # no room, no compiler, a wrong answer: the others are timed all the same
                said = (str(error).strip().splitlines() or [""])[0]
                self.problems.append(f"{contestant.name}: {type(error).__name__}: {said}")
                print(f"not timed: {case}: {self.problems[-1]}", flush=True)


def _deliver(arguments: Arguments, told: dict[str, str], tables: list[report.Table]) -> str:
    text = report.markdown(told, tables)
    if arguments.json:
        report.write_json(arguments.json, {"facts": told, "tables": [asdict(table) for table in tables]})
    if arguments.markdown:
        report.write_between_markers(arguments.markdown, text)
    return text
