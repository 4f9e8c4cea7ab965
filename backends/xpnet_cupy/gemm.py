"""Products of float32 matrices in fewer bits on tensor cores, each summed in float32: cuBLAS, asked directly.

CuPy's own switch (`set_compute_type`, CUPY_TF32) is one for all threads and all backends of a process, and its products
of stacks do not look at it.
"""

import importlib
from math import prod
from typing import Any, final

import cupy
import numpy as np

from xpnet._typing import Array, DType
from xpnet.errors import BackendError, BackendUnavailable

OLDEST = {"tf32": 80, "bfloat16": 80, "float16": 70}  # compute capabilities with tensor cores of that kind
KEPT = 15  # operands in float16 are scaled below 2^15, within its largest number 65504
NORMAL, TURNED = 0, 1  # CUBLAS_OP_N, CUBLAS_OP_T
FACTORS = np.asarray([1.0, 0.0], np.float32)  # α and β, which cuBLAS reads from the host
ONE, ZERO = FACTORS.ctypes.data, FACTORS[1:].ctypes.data


@final
class Gemm:
    """(…, m, k) times (…, k, n) in float32, the operands rounded to TF32, bfloat16 or float16.

    float16 has a narrow range, so each operand is scaled by the power of two that puts its largest number below 2¹⁵,
    and the product is scaled back: exactly, and without a word to the host. Numbers below 2⁻²⁸ of an operand's
    largest lose digits, and below 2⁻⁴⁰ they become zero.
    """

    def __init__(self, precision: str) -> None:
        self._cublas: Any = importlib.import_module("cupy_backends.cuda.libs").cublas
        self._format: DType = {"tf32": np.float32, "float16": np.float16}.get(precision) or _bfloat16()
        runtime = cupy.cuda.runtime
        self._code = {"tf32": runtime.CUDA_R_32F, "float16": runtime.CUDA_R_16F}.get(precision, runtime.CUDA_R_16BF)
        wide, tf32 = self._cublas.CUBLAS_COMPUTE_32F, self._cublas.CUBLAS_COMPUTE_32F_FAST_TF32
        self._compute = tf32 if precision == "tf32" else wide
        self._scales = precision == "float16"

    def __call__(self, a: Array, b: Array) -> Array:
        """The product of two matrices, or of stacks (count, …, …), of which one may hold a single matrix."""
        if a.shape[-1] != b.shape[-2]:
            msg = f"matmul: {tuple(a.shape)} has {a.shape[-1]} columns, {tuple(b.shape)} has {b.shape[-2]} rows"
            raise ValueError(msg)
        if not a.size or not b.size:
            return cupy.zeros((*_stack(a, b), a.shape[-2], b.shape[-1]), np.float32)
        if not self._scales:
            return self._multiplied(a.astype(self._format, copy=False), b.astype(self._format, copy=False))
        (a, a_exponent), (b, b_exponent) = _scaled(a), _scaled(b)
        return cupy.ldexp(self._multiplied(a, b), a_exponent + b_exponent)

    def _multiplied(self, a: Array, b: Array) -> Array:
        # cuBLAS reads rows as columns, so it is asked for (A B)ᵀ = Bᵀ Aᵀ.
        rows, depth, columns = a.shape[-2], a.shape[-1], b.shape[-1]
        (a, a_turned, a_step), (b, b_turned, b_step) = _laid_out(a), _laid_out(b)
        stack = _stack(a, b)
        y = cupy.empty((*stack, rows, columns), np.float32)
        handle, code = cupy.cuda.device.get_cublas_handle(), self._code
        shape = handle, b_turned, a_turned, columns, rows, depth, ONE
        left, right = (b.data.ptr, code, b_step), (a.data.ptr, code, a_step)
        made = ZERO, y.data.ptr, cupy.cuda.runtime.CUDA_R_32F, columns
        how = self._compute, self._cublas.CUBLAS_GEMM_DEFAULT
        if not stack:
            self._cublas.gemmEx(*shape, *left, *right, *made, *how)
            return y
        jumps = [prod(x.shape[-2:]) if x.ndim == 3 and x.shape[0] > 1 else 0 for x in (b, a)]
        self._cublas.gemmStridedBatchedEx(
            *shape, *left, jumps[0], *right, jumps[1], *made, rows * columns, stack[0], *how
        )
        return y


def require_tensor_cores(precision: str, capability: int, name: str) -> None:
    """Raise BackendError unless a device of this compute capability (90 is 9.0) multiplies in this precision."""
    oldest = OLDEST.get(precision, 0)
    if capability < oldest:
        possible = [other for other, needed in OLDEST.items() if needed <= capability]
        msg = (
            f"precision {precision!r} needs compute capability {oldest / 10}; {name} has {capability / 10}; "
            f"take {' or '.join(map(repr, ['full', *possible]))}"
        )
        raise BackendError(msg)


def _stack(a: Array, b: Array) -> tuple[int, ...]:
    return (max(x.shape[0] for x in (a, b) if x.ndim == 3),) if 3 in (a.ndim, b.ndim) else ()


def _laid_out(x: Array) -> tuple[Array, int, int]:
    """x as cuBLAS may read it: the array, whether memory has rows and columns exchanged, the length of a line."""
    if x.flags.c_contiguous:
        return x, NORMAL, x.shape[-1]
    if x.swapaxes(-1, -2).flags.c_contiguous:
        return x, TURNED, x.shape[-2]
    return cupy.ascontiguousarray(x), NORMAL, x.shape[-1]


def _scaled(x: Array) -> tuple[Array, Array]:
    """x 2⁻ᵉ in float16 and e, with the largest finite |x 2⁻ᵉ| between 2¹⁴ and 2¹⁵; all on the device."""
    largest = cupy.max(cupy.where(cupy.isfinite(x), cupy.abs(x), np.float32(0)))
    exponent = cupy.frexp(largest)[1] - np.int32(KEPT)
    return cupy.ldexp(x, -exponent).astype(np.float16), exponent


def _bfloat16() -> DType:
    try:
        return np.dtype(importlib.import_module("ml_dtypes").bfloat16)
    except ImportError as error:
        msg = "precision 'bfloat16' of backend 'cupy' needs NumPy's bfloat16, which is missing; pip install ml_dtypes"
        raise BackendUnavailable(msg) from error
