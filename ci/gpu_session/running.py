"""One command under a time limit: its output goes to a file, and whatever it started ends with it."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

ENDED = 124  # the exit code of a command that its limit ended, as timeout(1) has it
TICK = 10.0  # seconds between two looks at a running command
GRACE = 10.0  # seconds for a command that was asked to end


@dataclass(frozen=True)
class Ran:
    """What became of a command; code None: it still runs."""

    code: int | None
    seconds: float
    output: str


def run(
    command: Sequence[str],
    log: Path,
    *,
    limit: float,
    cwd: Path,
    environment: Mapping[str, str],
    tick: Callable[[Ran], None] = lambda _: None,
) -> Ran:
    """Run a command for at most `limit` seconds; `tick` is told every few seconds how far it is."""
    log.parent.mkdir(parents=True, exist_ok=True)
    started = monotonic()
    with log.open("wb") as output:
        try:
            process = subprocess.Popen(
                command, cwd=cwd, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            output.write(f"{error}\n".encode())
            output.flush()
            return Ran(127, monotonic() - started, _text(log))
    try:
        code = _wait(process, started + limit, lambda: tick(Ran(None, monotonic() - started, _text(log))))
    finally:
        _end(process)
    return Ran(code, monotonic() - started, _text(log))


def _wait(process: subprocess.Popen[bytes], until: float, tick: Callable[[], None]) -> int:
    while True:
        left = until - monotonic()
        try:
            code = process.wait(max(min(TICK, left), 0.01))
        except subprocess.TimeoutExpired:
            if monotonic() >= until:
                return ENDED
            tick()
        else:
            return code if code >= 0 else 128 - code  # a signal's number, as shells tell it


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the command and all that it started; a process group of its own holds them."""
    for signalled in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signalled)
        if process.poll() is not None:
            continue  # its children may live on
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)


def _text(log: Path) -> str:
    return log.read_text(errors="replace")
