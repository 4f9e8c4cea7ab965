"""Products of float32 matrices in fewer bits, summed in float32; parameters and all else stay float32."""

from collections.abc import Callable

import torch

from xpnet._typing import Array

HALVES = {"float16": torch.float16, "bfloat16": torch.bfloat16}


def product(precision: str) -> Callable[[Array, Array], Array]:
    """The `matmul` of that precision."""
    if precision == "full":
        return torch.matmul
    if precision == "tf32":
        return _tf32
    half = HALVES[precision]

    def rounded(a: Array, b: Array) -> Array:
        """a b with both rounded to 16 bits first: each product of two such numbers is exact in float32."""
        if a.is_cuda and a.ndim == b.ndim == 2:  # on tensor cores
            return torch.mm(a.to(half), b.to(half), out_dtype=torch.float32)
        return torch.matmul(a.to(half).float(), b.to(half).float())

    return rounded


def _tf32(a: Array, b: Array) -> Array:
    """a b on tensor cores in TF32, for this call alone."""
    matmul = torch.backends.cuda.matmul
    before, matmul.allow_tf32 = matmul.allow_tf32, True
    try:
        return torch.matmul(a, b)
    finally:
        matmul.allow_tf32 = before
