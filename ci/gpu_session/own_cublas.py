"""cuBLAS through a handle of one's own, by ctypes: CuPy refuses its own handle while a stream is recorded."""

import ctypes
from pathlib import Path
from typing import Any

WORKSPACE = 32 << 20  # bytes: what cuBLAS may want on Hopper
AS_IT_IS = 0  # CUBLAS_OP_N


class OwnCublas:
    """float32 products of contiguous matrices on one stream, with a workspace that the caller keeps alive."""

    def __init__(self, library: Any, stream: int, workspace: int, size: int) -> None:
        self._library, self._handle = library, ctypes.c_void_p()
        self._call("cublasCreate_v2", ctypes.byref(self._handle))
        self._call("cublasSetStream_v2", self._handle, ctypes.c_void_p(stream))
        # In this order: setting the stream gives the handle its own workspace back.
        self._call("cublasSetWorkspace_v2", self._handle, ctypes.c_void_p(workspace), ctypes.c_size_t(size))

    def multiply(self, a: int, b: int, y: int, rows: int, depth: int, columns: int) -> None:
        """y (rows, columns) = a (rows, depth) b (depth, columns), all by address, rows one after the other.

        cuBLAS reads rows as columns, so it is asked for yᵀ = bᵀ aᵀ. α and β are read from the host during the call.
        """
        one, zero = ctypes.c_float(1.0), ctypes.c_float(0.0)
        shape = (ctypes.c_int(columns), ctypes.c_int(rows), ctypes.c_int(depth))
        first, second = (ctypes.c_void_p(b), ctypes.c_int(columns)), (ctypes.c_void_p(a), ctypes.c_int(depth))
        kept = (ctypes.c_int(AS_IT_IS), ctypes.c_int(AS_IT_IS))
        made = (ctypes.c_void_p(y), ctypes.c_int(columns))
        self._call(
            "cublasSgemm_v2", self._handle, *kept, *shape, ctypes.byref(one), *first, *second, ctypes.byref(zero), *made
        )

    def close(self) -> None:
        """Give the handle back."""
        self._call("cublasDestroy_v2", self._handle)

    def _call(self, name: str, *args: Any) -> None:
        status = getattr(self._library, name)(*args)
        if status:
            msg = f"{name} gives status {status}"
            raise RuntimeError(msg)


def loaded_library() -> Any:
    """The libcublas that this process has loaded already, so that there is one only."""
    maps = Path("/proc/self/maps").read_text().splitlines()
    paths = {line.split()[-1] for line in maps if Path(line.split()[-1]).name.startswith("libcublas.so")}
    if not paths:
        msg = "this process has loaded no libcublas; multiply two CuPy matrices first"
        raise RuntimeError(msg)
    return ctypes.CDLL(min(paths))
