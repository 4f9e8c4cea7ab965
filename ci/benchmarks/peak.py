"""How fast this device multiplies large matrices and copies: what the work can at best come near to.

On a processor the product is NumPy's, timed in the same turns as the work. On a GPU it is the larger of CuPy's and
torch's product of two 8192-square matrices in full float32, and a copy of 1 GiB, both timed once for a session.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.libraries import Libraries
from benchmarks.timing import Runner, Timing, interleave

SIDE = 1024
GPU_SIDE, GPU_COPY = 8192, 1 << 30  # the sides of the matrices; bytes
GPU_ROUNDS = 9


@dataclass(frozen=True)
class Peak:
    """Operations and, where it was measured, bytes per microsecond; a copied byte counts twice, read and written."""

    flops: float
    bytes: float | None = None

    def __str__(self) -> str:
        copied = f", copies move {self.bytes / 1e6:.2f} TB/s (read and written)" if self.bytes else ""
        return f"products run at {self.flops / 1e6:.1f} TFLOP/s in full float32{copied}"


def peak_runner() -> Runner:
    """NumPy's product of two square matrices in float32."""
    left, right = np.random.default_rng(0).standard_normal((2, SIDE, SIDE), dtype=np.float32)
    product = np.empty_like(left)
    return Runner(f"{SIDE}-cube product", lambda: np.dot(left, right, out=product), lambda _: None)


def of_processor(timing: Timing) -> Peak:
    """From the timing of `peak_runner`."""
    return Peak(2 * SIDE**3 / timing.median)


def of_gpu(libraries: Libraries, side: int = GPU_SIDE, copied: int = GPU_COPY) -> Peak:
    """The fastest product and the fastest copy of all libraries that are here."""
    makers = {"cupy": _cupy, "torch": _torch}
    present = [name for name in makers if name == libraries.backend.name or getattr(libraries, name, None)]
    with libraries.backend.device_scope():
        pairs = [makers[name](libraries, side, copied) for name in present]
        products, copies = ([_median(pair[kind]) for pair in pairs] for kind in (0, 1))
    return Peak(2 * side**3 / min(products), 2 * copied / min(copies))


def shares(timings: Sequence[Timing], peak: Peak, flops: int | None, traffic: int | None) -> list[Timing]:
    """The timings with their shares of the two peaks, where the work's operations or bytes are known."""
    return [
        replace(
            timing,
            share=flops / timing.median / peak.flops if flops else None,
            bandwidth=traffic / timing.median / peak.bytes if traffic and peak.bytes else None,
        )
        for timing in timings
    ]


def _median(runner: Runner) -> float:
    return interleave([runner], GPU_ROUNDS)[0].median


def _cupy(libraries: Libraries, side: int, copied: int) -> tuple[Runner, Runner]:
    import cupy

    left, right, product = (cupy.ones((side, side), dtype=cupy.float32) for _ in range(3))
    source, target = (cupy.zeros(copied, dtype=cupy.uint8) for _ in range(2))
    return _runners(
        libraries.wait_for(libraries.backend),
        lambda: cupy.matmul(left, right, out=product),
        lambda: cupy.copyto(target, source),
    )


def _torch(libraries: Libraries, side: int, copied: int) -> tuple[Runner, Runner]:
    torch: Any = libraries.torch
    torch.backends.cuda.matmul.allow_tf32 = False
    left, right, product = (torch.ones((side, side), device=libraries.torch_device) for _ in range(3))
    source, target = (torch.zeros(copied, dtype=torch.uint8, device=libraries.torch_device) for _ in range(2))
    return _runners(libraries.wait_for_torch, lambda: torch.mm(left, right, out=product), lambda: target.copy_(source))


def _runners(
    wait: Callable[[object], object], product: Callable[[], object], copy: Callable[[], object]
) -> tuple[Runner, Runner]:
    return Runner("product", product, wait), Runner("copy", copy, wait)
