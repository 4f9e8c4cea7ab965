"""Many short chunks of steps, contestants taking turns, so that what disturbs the machine disturbs all alike."""

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter

CHUNK = 0.006  # seconds: long against the clock, short against what else the machine does
LONG = 0.05  # seconds: of a longer step one is a chunk, and one more warms up
PATIENCE, FEWEST = 90.0, 5  # seconds for a case of long steps, after which its rounds end, and the fewest rounds


@dataclass(frozen=True)
class Runner:
    """Something to time: a step, and a wait for all steps so far that is given what the last one returned."""

    name: str
    step: Callable[[], object]
    wait: Callable[[object], object]


@dataclass(frozen=True)
class Timing:
    """Microseconds per step over the chunks of one runner."""

    name: str
    median: float
    p20: float
    chunks: int
    steps_per_chunk: int
    share: float | None = None  # of the speed of a large matrix product
    bandwidth: float | None = None  # of the speed of a large copy


def interleave(runners: Sequence[Runner], rounds: int, chunk: float = CHUNK) -> list[Timing]:
    """Time every runner once per round for `chunk` seconds, each round starting with another one."""
    counts = [_steps_per_chunk(runner, chunk) for runner in runners]
    seconds: list[list[float]] = [[] for _ in runners]
    gc.collect()
    gc.disable()
    started = perf_counter()
    try:
        for turn in range(rounds):
            if turn >= FEWEST and perf_counter() - started > PATIENCE:
                break
            for place in range(len(runners)):
                index = (turn + place) % len(runners)
                seconds[index].append(_chunk(runners[index], counts[index]))
    finally:
        gc.enable()
    return [
        _summary(runner.name, chunks, count) for runner, chunks, count in zip(runners, seconds, counts, strict=True)
    ]


def _chunk(runner: Runner, count: int) -> float:
    step = runner.step
    start = perf_counter()
    for _ in range(count):
        result = step()
    runner.wait(result)
    return (perf_counter() - start) / count


def _steps_per_chunk(runner: Runner, chunk: float) -> int:
    """Warm up (compilers, caches, autotuning), then the number of steps that fills one chunk."""
    if min(_chunk(runner, 1), _chunk(runner, 1)) > LONG:
        return 1
    for _ in range(3):
        _chunk(runner, 1)
    return max(1, round(chunk / min(_chunk(runner, 2) for _ in range(5))))


def _summary(name: str, seconds: list[float], count: int) -> Timing:
    p20 = quantiles(seconds, n=5)[0] if len(seconds) > 1 else seconds[0]
    return Timing(name, 1e6 * median(seconds), 1e6 * p20, len(seconds), count)
