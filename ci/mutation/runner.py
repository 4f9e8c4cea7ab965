"""Which checks run through which function, and which mutants they notice."""

import sys
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

from mutation.checks import OWN_RANK, Check
from mutation.targets import Mutant, in_force

HEAVY = 0.3  # seconds, observed; a case that takes longer is tried where no quicker one runs through the function


@dataclass(frozen=True)
class Verdict:
    """One mutant, how many checks were tried, and the one that noticed it; empty if none did."""

    path: str
    name: str
    line: int
    change: str
    tried: int
    killer: str

    @property
    def key(self) -> str:
        """What the allow-list calls the mutant: independent of line numbers."""
        return f"{self.path}: {self.name}: {self.change}"

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.name}: {self.change}"


@dataclass(frozen=True)
class Ran:
    """One check, the code of every Python function that it calls, and how long it takes."""

    check: Check
    codes: set[CodeType]
    seconds: float


def observed(check: Check) -> Ran:
    """Run a check on the unchanged code: once to make it ready, and once to see what it runs through."""
    seen: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            seen.add(frame.f_code)

    _require_success(check)
    start = time.perf_counter()
    sys.setprofile(note)
    try:
        check.run()
    finally:
        sys.setprofile(None)
    return Ran(check, seen, time.perf_counter() - start)


class Judge:
    """Tries mutants against the checks that run through them, the quickest first, until one fails."""

    def __init__(self, checks: Sequence[Check]) -> None:
        self._checks = checks
        self._observed: dict[str, Ran] = {}

    def of_rank(self, rank: int, path: str = "") -> list[Ran]:
        """The checks of one rank for a file, the quickest first; made ready when they are first asked for."""
        wanted = [check for check in self._checks if check.rank == rank and path.startswith(check.about)]
        for check in wanted:
            if check.name not in self._observed:
                self._observed[check.name] = observed(check)
        return sorted((self._observed[check.name] for check in wanted), key=lambda ran: ran.seconds)

    def verdicts(self, mutants: Iterable[Mutant]) -> list[Verdict]:
        """A verdict for each mutant; afterwards whatever noticed one must succeed again."""
        found, used = [], {}
        for mutant in mutants:
            tried, killer = self._tried(mutant)
            if killer:
                used[killer.name] = killer
            target, name = mutant.target, killer.name if killer else ""
            found.append(Verdict(target.path, target.name, mutant.line, mutant.change, tried, name))
        for check in used.values():
            _require_success(check)
        return found

    def _tried(self, mutant: Mutant) -> tuple[int, Check | None]:
        tried = 0
        for check in self._relevant(mutant):
            tried += 1
            with in_force(mutant):
                if _fails(check):
                    return tried, check
        return tried, None

    def _relevant(self, mutant: Mutant) -> Iterator[Check]:
        code, any_light = mutant.target.function.__code__, False
        for rank in sorted({check.rank for check in self._checks}):
            if rank == OWN_RANK and any_light:
                return
            for ran in self.of_rank(rank, mutant.target.path):
                heavy = not ran.check.about and ran.seconds > HEAVY
                if code in ran.codes and not (heavy and any_light):
                    any_light = True
                    yield ran.check


def _fails(check: Check) -> bool:
    # A mutant may fail in any way: the contract's error, a shape that does not fit, a name that is None.
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            check.run()
    except Exception:
        return True
    return False


def _require_success(check: Check) -> None:
    try:
        check.run()
    except Exception as error:
        msg = f"{check.name} fails on the unchanged code; mend that first"
        raise RuntimeError(msg) from error
