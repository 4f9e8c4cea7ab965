"""The table of array-library calls in a training step: what a GPU has to launch, seen without one."""

from collections.abc import Iterable
from functools import partial
from typing import Any

import xpnet as xn
from benchmarks.calls import CountingBackend, calls_in, torch_calls_in
from benchmarks.contestants import RATE, TorchForeachStep, XpnetStep
from benchmarks.libraries import Libraries
from benchmarks.report import grid
from benchmarks.training_step import Batch, TrainingStep
from benchmarks.workload import Workload

BATCH = 8  # the number does not depend on it, but batches of one are special to some primitives


def fused_for_cuda() -> frozenset[str]:
    """The primitives for which the CuPy backend has a kernel of its own; none where CuPy cannot be imported."""
    try:
        from xpnet_cupy.overrides import OVERRIDES
    except ImportError:
        return frozenset()
    return frozenset(OVERRIDES)


def calls_table(workloads: Iterable[Workload], libraries: Libraries, fused: frozenset[str]) -> str:
    """Markdown: calls in one step of each training workload."""
    kernels = f"with CuPy's {len(fused)} kernels"
    header = [
        "array-library calls in a step",
        "references",
        kernels,
        *(["xpnet torch", "torch foreach"] if libraries.torch else []),
    ]
    rows = [[work.name, *_row(work, libraries, fused)] for work in workloads if isinstance(work, TrainingStep)]
    return "\n".join(grid([header, *rows]))


def _row(work: TrainingStep, libraries: Libraries, fused: frozenset[str]) -> list[str]:
    case = Batch(BATCH)
    cells = [_counted(work, case, CountingBackend(names)) for names in ((), fused)]
    if libraries.torch is not None:
        ours = partial(XpnetStep, work, case, xn.get_backend("torch", device="cpu"), None, RATE)
        theirs = partial(
            TorchForeachStep, work, case, Libraries(xn.get_backend("numpy"), libraries.torch), work.torch_loss, RATE
        )
        cells += [sum(torch_calls_in(make().step, libraries.torch).values()) for make in (ours, theirs)]
    return list(map(str, cells))


def _counted(work: TrainingStep, case: Batch, backend: Any) -> int:
    return sum(calls_in(XpnetStep(work, case, backend, None, RATE).step, backend).values())
