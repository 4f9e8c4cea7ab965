"""What the output of a section says: how many tests passed, which failed, which one never ended."""

import re
from collections import Counter
from dataclasses import dataclass, field

RESULTS = ("PASSED", "FAILED", "ERROR", "SKIPPED", "XFAIL", "XPASS")
WORDS = {"PASSED": "passed", "FAILED": "failed", "ERROR": "error", "SKIPPED": "skipped", "XFAIL": "xfailed"}
CLOSING = re.compile(r"=+ (?P<counts>\d+ \w+.*) in [\d.]+s.*=+\s*$", re.MULTILINE)
ALONE = re.compile(rf"^(?P<test>\S+::.+?)(?: (?P<result>{'|'.join(RESULTS)}))?(?: \(.*\))?\s*(?:\[ *\d+%\])?\s*$")
OF_WORKER = re.compile(rf"^\[gw\d+\] \[ *\d+%\] (?P<result>{'|'.join(RESULTS)}) (?P<test>\S+::.+?)\s*$")
SUMMARY = "short test summary info"
MOST = 40  # failing functions that a page names


@dataclass(frozen=True)
class Tests:
    """Counts by pytest's words; failures as it names them; tests that began and did not end."""

    counts: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return ", ".join(f"{count} {word}" for word, count in self.counts.items()) or "no test"


def read(output: str) -> Tests:
    """From the output of `pytest -v`, whole or cut short."""
    head, _, summary = output.partition(SUMMARY)
    begun, ended = _progress(head)
    closing = CLOSING.search(output)
    counts = _counted(closing["counts"]) if closing else _words(ended)
    failed = [line for line in summary.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    failures = failed or [f"{result} {test}" for test, result in ended.items() if result in ("FAILED", "ERROR")]
    return Tests(counts, _named(failures), [] if closing else [test for test in begun if test not in ended])


def _named(failures: list[str]) -> list[str]:
    """One line for each failing function: its first failure, and how many more cases of it failed."""
    cases: dict[str, list[str]] = {}
    for failure in failures:
        cases.setdefault(failure.partition(" - ")[0].partition("[")[0], []).append(failure)
    lines = [f"{first}{f'  (and {len(more)} more)' if more else ''}" for first, *more in cases.values()]
    return lines[:MOST] + [f"and {len(lines) - MOST} more functions"] * (len(lines) > MOST)


def _progress(output: str) -> tuple[list[str], dict[str, str]]:
    """Tests that began, and results of those that ended."""
    begun, ended = [], {}
    for line in output.splitlines():
        match = OF_WORKER.match(line) or ALONE.match(line)
        if match and match["result"]:
            ended[match["test"]] = match["result"]
        elif match:
            begun.append(match["test"].strip())
    return begun, ended


def _counted(counts: str) -> dict[str, int]:
    return {word: int(count) for count, word in re.findall(r"(\d+) (\w+)", counts)}


def _words(ended: dict[str, str]) -> dict[str, int]:
    return dict(Counter(WORDS.get(result, result.lower()) for result in ended.values()))
