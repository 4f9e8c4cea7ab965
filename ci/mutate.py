#!/usr/bin/env python3
"""Mutation testing of every bprop, bbprop, pullback and accelerated override.

Each is changed in one place at a time (a sign, a term, a factor, an axis, an accumulate …), and the public contract
checker runs on the cases that go through it. Prints how many were noticed and every one that was not; fails if one
of those is not in ci/mutation/allowed.toml with a reason.
"""

import argparse
import sys
import time
import tomllib
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from mutation.checks import checks
from mutation.runner import Verdict, judge
from mutation.targets import mutants_of, targets

ALLOWED = Path(__file__).resolve().parent / "mutation" / "allowed.toml"


def main(argv: list[str]) -> int:
    """Judge every mutant; 1 if one survives without an excuse, or an excuse is no longer needed."""
    parser = argparse.ArgumentParser("ci/mutate.py", description=__doc__)
    parser.add_argument("--only", default="", metavar="TEXT", help="only files whose path contains TEXT")
    parser.add_argument("--verbose", action="store_true", help="show every mutant and the check that noticed it")
    given = parser.parse_args(argv)

    start = time.perf_counter()
    verdicts = judge((mutant for target in targets(given.only) for mutant in mutants_of(target)), checks())
    excuses = tomllib.loads(ALLOWED.read_text())["allowed"]
    reasons = {mutant: entry["reason"] for entry in excuses for mutant in entry["mutants"]}
    print(_table(verdicts, reasons))
    if given.verbose:
        print("\n".join(f"{_place(each)}\n    {each.killer or 'SURVIVED'}" for each in verdicts))
    bad = [each for each in verdicts if not each.killer and each.mutant.key not in reasons]
    needless = set() if given.only else reasons.keys() - {each.mutant.key for each in verdicts if not each.killer}
    print("\n".join([*_survivors(bad), *(f"excuse not needed: {key}" for key in sorted(needless))]))
    killed = sum(bool(each.killer) for each in verdicts)
    print(
        f"{killed} of {len(verdicts)} mutants noticed, {len(verdicts) - killed - len(bad)} excused, "
        f"{len(bad)} unnoticed, in {time.perf_counter() - start:.0f} s"
    )
    return bool(bad or needless)


def _table(verdicts: list[Verdict], reasons: dict[str, str]) -> str:
    made = Counter(each.mutant.target.path for each in verdicts)
    killed = Counter(each.mutant.target.path for each in verdicts if each.killer)
    excused = Counter(each.mutant.target.path for each in verdicts if not each.killer and each.mutant.key in reasons)
    rows = [f"{path:40} {made[path]:8} {killed[path]:8} {excused[path]:8}" for path in made]
    return "\n".join([f"{'file':40} {'mutants':>8} {'noticed':>8} {'excused':>8}", *rows])


def _survivors(bad: list[Verdict]) -> list[str]:
    """Functions that no check runs through in one line each, then each mutant that was tried and lived."""
    missed = Counter(str(each.mutant.target) for each in bad if not each.tried)
    return [
        *(f"no check runs through {target} ({count} mutants)" for target, count in missed.items()),
        *(f"survived: {_place(each)}" for each in bad if each.tried),
    ]


def _place(verdict: Verdict) -> str:
    mutant = verdict.mutant
    return f"{mutant.target.path}:{mutant.line}: {mutant.target.name}: {mutant.change}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
