"""Which checks run through which function, and which mutants they notice."""

import sys
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

from mutation.checks import Check
from mutation.targets import Mutant, in_force


@dataclass(frozen=True)
class Verdict:
    """One mutant, how many checks run through its function, and the first that noticed it; empty if none did."""

    mutant: Mutant
    tried: int
    killer: str


def codes_run_by(check: Check) -> set[CodeType]:
    """The code of every Python function that the check calls."""
    seen: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            seen.add(frame.f_code)

    sys.setprofile(note)
    try:
        check.run()
    except Exception as error:
        msg = f"{check.name} fails on the unchanged code; mend that first"
        raise RuntimeError(msg) from error
    finally:
        sys.setprofile(None)
    return seen


def judge(mutants: Iterable[Mutant], checks: Sequence[Check]) -> list[Verdict]:
    """Try every mutant against the checks that run through its function, until one of them fails."""
    coverage = {check: codes_run_by(check) for check in checks}
    verdicts = []
    for mutant in mutants:
        code = mutant.target.function.__code__
        relevant = [check for check, codes in coverage.items() if code in codes]
        with in_force(mutant):
            killer = next((check.name for check in relevant if _fails(check)), "")
        verdicts.append(Verdict(mutant, len(relevant), killer))
    return verdicts


def _fails(check: Check) -> bool:
    # A mutant may fail in any way: the contract's error, a shape that does not fit, a name that is None.
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            check.run()
    except Exception:
        return True
    return False
