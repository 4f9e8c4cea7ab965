"""cuBLAS: products of column-major matrices that are given by address, with its rules for types and lines."""

import ctypes
import importlib.util

import numpy as np

from cupy_stand_in import streams

CUBLAS_GEMM_DEFAULT = -1
CUBLAS_COMPUTE_32F = 68
CUBLAS_COMPUTE_32F_FAST_TF32 = 77
TYPES = {0: np.dtype(np.float32), 2: np.dtype(np.float16)}
if importlib.util.find_spec("ml_dtypes") is not None:  # NumPy's bfloat16
    TYPES[14] = np.dtype(importlib.import_module("ml_dtypes").bfloat16)
calls = []


class CUBLASError(RuntimeError):
    """A status, in cuBLAS's words."""

    def __init__(self, status):
        self.status = status
        super().__init__({3: "CUBLAS_STATUS_ALLOC_FAILED", 7: "CUBLAS_STATUS_INVALID_VALUE"}[status])


def gemmEx(
    handle, transa, transb, m, n, k, alpha, A, Atype, lda, B, Btype, ldb, beta, C, Ctype, ldc, computeType, algo
):
    gemmStridedBatchedEx(
        handle, transa, transb, m, n, k, alpha, A, Atype, lda, 0, B, Btype, ldb, 0, beta, C, Ctype, ldc, 0, 1,
        computeType, algo,
    )  # fmt: skip


def gemmStridedBatchedEx(
    handle, transa, transb, m, n, k, alpha, A, Atype, lda, strideA, B, Btype, ldb, strideB, beta, C, Ctype, ldc,
    strideC, batchCount, computeType, algo,
):  # fmt: skip
    calls.append((Atype, computeType, batchCount))
    streams.get_current_stream().synchronize()
    if min(m, n, k, batchCount) < 1 or lda < (k if transa else m) or ldb < (n if transb else k) or ldc < m:
        raise CUBLASError(7)
    assert Atype == Btype
    assert (Ctype, algo) == (0, CUBLAS_GEMM_DEFAULT)
    assert (_float_at(alpha), _float_at(beta)) == (1.0, 0.0)
    for number in range(batchCount):
        a = _operand(A, Atype, lda, number * strideA, (k, m) if transa else (m, k), computeType)
        b = _operand(B, Btype, ldb, number * strideB, (n, k) if transb else (k, n), computeType)
        product = (a.T if transa else a) @ (b.T if transb else b)
        _columns(C, TYPES[Ctype], ldc, number * strideC, (m, n))[...] = product.astype(np.float32)


def tf32(x):
    """float32 rounded to the ten bits of TF32, halves away from zero."""
    bits = np.ascontiguousarray(x, np.float32).view(np.uint32)
    return np.where(np.isfinite(x), ((bits + np.uint32(0x1000)) & np.uint32(0xFFFFE000)).view(np.float32), x)


def _operand(address, code, line, start, shape, compute):
    x = _columns(address, TYPES[code], line, start, shape).copy()
    return (tf32(x) if compute == CUBLAS_COMPUTE_32F_FAST_TF32 else x).astype(np.float64)


def _columns(address, dtype, line, start, shape):
    rows, columns = shape
    count = line * (columns - 1) + rows
    raw = (ctypes.c_char * (count * dtype.itemsize)).from_address(address + start * dtype.itemsize)
    flat = np.frombuffer(raw, dtype)
    return np.lib.stride_tricks.as_strided(flat, shape, (dtype.itemsize, line * dtype.itemsize))


def _float_at(address):
    return ctypes.c_float.from_address(address).value
