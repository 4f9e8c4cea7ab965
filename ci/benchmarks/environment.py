"""One core, one thread, and no settings of this machine that slow a current NumPy: set before any import.

OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE, where someone exported them for an old library, choose worse kernels in a
new one. BLAS libraries read all of these when they are loaded, so the process replaces itself by one that has them.
"""

import json
import os
import sys
from dataclasses import asdict, dataclass, field

THREADS = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
SETTINGS = {f"{library}_NUM_THREADS": "1" for library in THREADS} | {
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false"  # JAX would take three quarters of a GPU that others use too
}
DROPPED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
MARK = "XPNET_BENCH_PREPARED"


@dataclass(frozen=True)
class Prepared:
    """What was done to this process, and the environment's own settings that it lost."""

    core: int | None
    set: dict[str, str] = field(default_factory=dict)
    dropped: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        pinned = "not pinned" if self.core is None else f"pinned to core {self.core}"
        dropped = ", ".join(f"{name}={value}" for name, value in self.dropped.items())
        lines = [f"process: {pinned}; set {', '.join(f'{name}={value}' for name, value in self.set.items())}"]
        return "\n".join([*lines, f"process: dropped from the environment: {dropped}"] if dropped else lines)


def prepare(argv: list[str], pinned: bool = True) -> Prepared:
    """Replace this process by a prepared one; in that one, say what was done."""
    if MARK not in os.environ:
        _replace_process(argv, pinned)
    return Prepared(**json.loads(os.environ[MARK]))


def _replace_process(argv: list[str], pinned: bool) -> None:
    core = _pin() if pinned else None
    dropped = {name: os.environ[name] for name in DROPPED if name in os.environ}
    prepared = Prepared(core, SETTINGS, dropped)
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    environment = kept | SETTINGS | {MARK: json.dumps(asdict(prepared))}
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, "-m", "benchmarks", *argv], environment)  # noqa: S606


def _pin() -> int | None:
    if not hasattr(os, "sched_setaffinity"):
        return None
    core = max(os.sched_getaffinity(0))  # the last: interrupts tend to be served by the first
    os.sched_setaffinity(0, {core})
    return core
