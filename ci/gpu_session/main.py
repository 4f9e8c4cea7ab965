"""`ci/gpu`: section after section under their limits, and the page that grows with them."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from benchmarks.report import BEGIN, END

from gpu_session import device, outcome, running
from gpu_session.arguments import Arguments, parse
from gpu_session.page import Page, Part, open_page
from gpu_session.running import Ran
from gpu_session.sections import Section, chosen, sections

ROOT = Path(__file__).resolve().parent.parent.parent
SHOWN = 60  # lines of a section's output that go into the page


def main(argv: list[str]) -> int:
    """Run what was asked for; the exit code of the first section that failed."""
    arguments = parse(argv)
    pages = ROOT / "docs" / "gpu"
    logs = ROOT / "build" / "gpu" if arguments.folder is None else (arguments.folder / "logs").absolute()
    found = device.Found() if arguments.list else device.look(ROOT, logs / "device.log")
    everything = sections(ROOT, logs, arguments, found.missing)
    if arguments.list:
        print("\n".join(f"{each.name:26}{each.title}" for each in everything))
        return 0
    if not found.facts:
        print(f"ci/gpu: nothing was run: {found.missing['cupy']}")
        return 0
    wanted, unknown = chosen(everything, arguments.only)
    if unknown:
        print(f"ci/gpu: no section {unknown[0]!r}; known: {', '.join(each.name for each in everything)}")
        return 2
    print("\n".join(f"{name}: {text}" for name, text in found.facts.items()))
    page = open_page(arguments.folder or pages, pages, found.facts)
    session = Session(page, [each.name for each in everything], arguments, logs)
    codes = [session.take(section, found.missing.get(section.library)) for section in wanted]
    print(f"ci/gpu: {page.path}")
    return next((code for code in codes if code), 0)


class Session:
    """Sections one after the other, on one page, with what is left of the time."""

    def __init__(self, page: Page, order: list[str], arguments: Arguments, logs: Path) -> None:
        self.page, self.order, self.logs = page, order, logs
        self.limit, self.resume, self.commit = 60 * arguments.limit, arguments.resume, commit()
        self.how = arguments.how
        self.until = monotonic() + 60 * arguments.within if arguments.within else None

    def take(self, section: Section, missing: str | None) -> int:
        """Run a section and put it on the page, unless that cannot or need not be; its exit code."""
        if missing:
            print(f"{section.name}: left out: {missing}", flush=True)
            return 0
        done = self.page.parts.get(section.name)
        if self.resume and done and (done.code, done.commit, done.how) == (0, self.commit, self.how):
            print(f"{section.name}: passed before", flush=True)
            return 0
        limit = self.limit if self.until is None else min(self.limit, self.until - monotonic())
        if limit <= 0:
            print(f"{section.name}: not begun, the time is over", flush=True)
            return 0
        return self._run(section, limit)

    def _run(self, section: Section, limit: float) -> int:
        print(f"{section.name}: begins", flush=True)
        if section.table:
            section.table.unlink(missing_ok=True)
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
        begun = Part(section.name, section.title, None, 0.0, now, self.commit, self.how)

        def put(ran: Ran) -> Part:
            part = written(begun, section, ran)
            self.page.put(part, self.order)
            return part

        put(Ran(None, 0.0, ""))
        log = self.logs / f"{section.name}.log"
        ran = running.run(section.command, log, limit=limit, cwd=ROOT, environment=section.environment, tick=put)
        part = put(ran)
        print(
            f"{section.name}: {part.outcome}{', ' if part.counts else ''}{part.counts}, {ran.seconds:.0f} s", flush=True
        )
        if ran.code:
            print(part.body, flush=True)
        return ran.code or 0


def written(begun: Part, section: Section, ran: Ran) -> Part:
    """The part of the page that tells how far a section is, or how it ended."""
    tests = outcome.read(ran.output) if section.tests else outcome.Tests()
    told = [*tests.failures, *(f"NEVER ENDED {test}" for test in tests.unfinished if ran.code)]
    silent = section.tests and (told or not ran.code)  # the tests' names say enough
    lines = told if silent else [] if ran.code is None else ran.output.rstrip().splitlines()[-SHOWN:]
    if section.table and ran.code == 0:
        lines = []
    parts = [_table(section.table), "\n".join(["```", *lines, "```"]) if lines else ""]
    body = "\n\n".join(filter(None, parts))
    return replace(begun, code=ran.code, seconds=ran.seconds, counts=str(tests) if section.tests else "", body=body)


def _table(path: Path | None) -> str:
    """What a benchmark has written between its markers so far."""
    if path is None or not path.exists():
        return ""
    return path.read_text().partition(BEGIN)[2].partition(END)[0].strip()


def commit() -> str:
    """The commit that is checked out, with a mark where files differ from it."""
    asked = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() if asked.returncode == 0 else "unknown"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
