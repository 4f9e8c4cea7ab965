#!/usr/bin/env python3
"""Mutation testing of everything that goes backward: bprop, bbprop, pullbacks, accumulate, accelerated overrides.

Each is changed in one place at a time (a sign, a term, a factor, an axis, an accumulate …), and the public contract
checker runs on the cases that go through it. Prints a line for each file as it is done, then every mutant that was not
noticed; fails if one of those is not in ci/mutation/allowed.toml with a reason.
"""

import argparse
import multiprocessing
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from mutation.checks import OWN_TESTS, checks
from mutation.runner import Judge, Verdict
from mutation.targets import mutants_of, targets

ALLOWED = Path(__file__).resolve().parent / "mutation" / "allowed.toml"


def main(argv: list[str]) -> int:
    """Judge every mutant; 1 if one survives without an excuse, or an excuse is no longer needed."""
    parser = argparse.ArgumentParser("ci/mutate.py", description=__doc__)
    parser.add_argument("--only", default="", metavar="TEXT", help="only files whose path contains TEXT")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes (default 1)")
    parser.add_argument("--verbose", action="store_true", help="show every mutant and the check that noticed it")
    given = parser.parse_args(argv)

    start = time.perf_counter()
    excuses = tomllib.loads(ALLOWED.read_text())["allowed"]
    reasons = {mutant: entry["reason"] for entry in excuses for mutant in entry["mutants"]}
    verdicts = list(_told(_judged(given.only, given.jobs), reasons))
    if given.verbose:
        print("\n".join(f"{each}\n    {each.killer or 'SURVIVED'}" for each in verdicts))
    bad = [each for each in verdicts if not each.killer and each.key not in reasons]
    needless = {key for key in reasons if given.only in key.partition(":")[0]} - {
        each.key for each in verdicts if not each.killer
    }
    print("\n".join([*_survivors(bad), *(f"excuse not needed: {key}" for key in sorted(needless))]))
    killed, own = _noticed(verdicts)
    print(
        f"{killed} of {len(verdicts)} mutants noticed ({own} by the file's own tests only), "
        f"{len(verdicts) - killed - len(bad)} excused, {len(bad)} unnoticed, in {time.perf_counter() - start:.0f} s"
    )
    return bool(bad or needless)


def _judged(only: str, jobs: int) -> Iterator[list[Verdict]]:
    """The verdicts of one file after another, by one process or several."""
    paths = list(dict.fromkeys(target.path for target in targets(only)))
    judge = Judge(checks())
    if jobs == 1:
        yield from (_of_file(judge, path) for path in paths)
        return
    judge.of_rank(0)  # ready before the processes part, so that all of them have it
    _Worker.judge = judge
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        yield from pool.imap_unordered(_Worker.of_file, reversed(paths))  # the backends take longest


class _Worker:
    """What a process has from its parent: a pool can send names and strings only."""

    judge: Judge

    @classmethod
    def of_file(cls, path: str) -> list[Verdict]:
        return _of_file(cls.judge, path)


def _of_file(judge: Judge, path: str) -> list[Verdict]:
    return judge.verdicts(mutant for each in targets(path) if each.path == path for mutant in mutants_of(each))


def _told(files: Iterable[list[Verdict]], reasons: dict[str, str]) -> Iterator[Verdict]:
    """All verdicts; a line of the table for each file as it comes."""
    print(f"{'file':40} {'mutants':>8} {'noticed':>8} {'own only':>8} {'excused':>8}", flush=True)
    for verdicts in filter(None, files):
        killed, own = _noticed(verdicts)
        excused = sum(not each.killer and each.key in reasons for each in verdicts)
        print(f"{verdicts[0].path:40} {len(verdicts):8} {killed:8} {own:8} {excused:8}", flush=True)
        yield from verdicts


def _noticed(verdicts: list[Verdict]) -> tuple[int, int]:
    """How many were noticed, and how many of these not by the contract but by the tests of the file itself."""
    return sum(bool(each.killer) for each in verdicts), sum(each.killer.startswith(OWN_TESTS) for each in verdicts)


def _survivors(bad: list[Verdict]) -> list[str]:
    """Functions that no check runs through in one line each, then each mutant that was tried and lived."""
    missed = Counter(f"{each.path}: {each.name}" for each in bad if not each.tried)
    return [
        *(f"no check runs through {function} ({count} mutants)" for function, count in missed.items()),
        *(f"survived: {each}" for each in bad if each.tried),
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
