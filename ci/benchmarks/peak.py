"""How fast a large matrix product is here: what work that consists of products can at best come near to."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchmarks.timing import Runner, Timing

SIDE = 1024


def peak_runner() -> Runner:
    """NumPy's product of two square matrices in float32."""
    left, right = np.random.default_rng(0).standard_normal((2, SIDE, SIDE), dtype=np.float32)
    product = np.empty_like(left)
    return Runner(f"{SIDE}-cube product", lambda: np.dot(left, right, out=product), lambda _: None)


def shares(timings: Sequence[Timing], flops: int) -> list[Timing]:
    """The timings but the last, that of `peak_runner`; each with its share of that speed."""
    *others, peak = timings
    return [replace(timing, share=flops / timing.median / (2 * SIDE**3 / peak.median)) for timing in others]
