"""The table of array-library calls in a training step: what a GPU has to launch, seen without one."""

import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import xpnet as xn
from benchmarks.calls import CountingBackend, calls_in, torch_calls_in
from benchmarks.contestants import RATE, TorchForeachStep, XpnetStep
from benchmarks.libraries import Libraries
from benchmarks.report import grid
from benchmarks.training_step import Batch, TrainingStep
from benchmarks.workload import Workload

BATCH = 8  # the number does not depend on it, but batches of one are special to some primitives
TESTS = Path(__file__).resolve().parent.parent.parent / "tests"


def with_kernels() -> CountingBackend | None:
    """The overrides of the CuPy backend, their kernels run on the CPU by the tests' shim; None where that cannot be."""
    sys.path.append(str(TESTS))
    try:
        from cuda_shim import ShimLaunch, compiler, overrides
    except ImportError:
        return None
    finally:
        sys.path.remove(str(TESTS))
    return CountingBackend(overrides.overrides, ShimLaunch()) if compiler() else None


def calls_table(workloads: Iterable[Workload], libraries: Libraries) -> str:
    """Markdown: calls in one step of each training workload."""
    ours: dict[str, Any] = {"references": CountingBackend, "with CUDA kernels": with_kernels}
    kinds = {name: make for name, make in ours.items() if make() is not None}
    peers = ["xpnet torch", "torch foreach"] if libraries.torch is not None else []
    rows = [["array-library calls in a step", *kinds, *peers]]
    for work in workloads:
        if isinstance(work, TrainingStep):
            counts = [_ours(work, make()) for make in kinds.values()]
            rows.append([work.name, *map(str, counts + (_torch(work, libraries) if peers else []))])
    return "\n".join(grid(rows))


def _ours(work: TrainingStep, backend: CountingBackend) -> int:
    return sum(calls_in(XpnetStep(work, Batch(BATCH), backend, None, RATE).step, backend).values())


def _torch(work: TrainingStep, libraries: Libraries) -> list[int]:
    on_cpu = Libraries(xn.get_backend("numpy"), libraries.torch)
    ours = partial(XpnetStep, work, Batch(BATCH), xn.get_backend("torch", device="cpu"), None, RATE)
    theirs = partial(TorchForeachStep, work, Batch(BATCH), on_cpu, work.torch_loss, RATE)
    return [sum(torch_calls_in(make().step, libraries.torch).values()) for make in (ours, theirs)]
