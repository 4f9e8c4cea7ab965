"""A stand-in for CuPy over NumPy, so that every branch of the CuPy backend runs without a GPU.

It keeps those habits of CuPy 14 that the backend must cope with, read in its source: results stand on the *current*
device of the thread; kernels warn of operands from elsewhere, and cuBLAS does not; copies from the host run later, in
the order of their stream; memory comes from a pool that may be full; devices cannot be hashed; cuBLAS reads pointers.
"""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
from array_api_compat import numpy as compat
from array_api_compat.common import _helpers

from cupy_stand_in import arrays, blas, devices, kernels, memory, streams

CREATORS = (
    "arange", "empty", "eye", "full", "linspace", "ones", "zeros", "empty_like", "full_like", "ones_like", "zeros_like",
)  # fmt: skip
PLAIN = (
    "abs", "broadcast_to", "conj", "frexp", "isfinite", "ldexp", "matmul", "max", "reshape", "sum",
    "tensordot", "transpose", "where", "float32", "float64", "int64", "add", "concatenate",
)  # fmt: skip


def install(monkeypatch):
    """Put the stand-in in CuPy's place; tests change its attributes to play what may be wrong."""
    devices.reset()
    memory.reset()
    streams.reset()
    fake, namespace = ModuleType("cupy"), ModuleType("array_api_compat.cupy")
    created = {name: arrays.created(getattr(np, name)) for name in CREATORS}
    created["empty"] = arrays.empty
    linalg = ModuleType("array_api_compat.cupy.linalg")
    vars(linalg).update({name: getattr(compat.linalg, name) for name in ("matmul", "tensordot", "trace")})
    vars(namespace).update({name: getattr(compat, name) for name in dir(compat) if not name.startswith("__")})
    vars(namespace).update(created | {"asarray": arrays.asarray_there, "linalg": linalg})
    vars(fake).update({name: getattr(np, name) for name in PLAIN} | created)
    vars(fake).update(
        __version__="14.2.0",
        ndarray=arrays.FakeArray,
        RawModule=kernels.RawModule,
        asarray=arrays.asarray,
        ascontiguousarray=arrays.ascontiguousarray,
        asnumpy=arrays.asnumpy,
        from_dlpack=arrays.from_dlpack,
        cuda=_cuda(),
        _util=SimpleNamespace(PerformanceWarning=arrays.PerformanceWarning),
        get_default_memory_pool=lambda: memory.POOL,
        get_default_pinned_memory_pool=lambda: memory.PINNED,
    )
    cupyx, libs = ModuleType("cupyx"), ModuleType("cupy_backends.cuda.libs")
    cupyx.empty_pinned, libs.cublas = memory.empty_pinned, blas
    for name, module in (("cupy", fake), ("cupyx", cupyx), ("cupy_backends.cuda.libs", libs)):
        monkeypatch.setitem(sys.modules, name, module)
    for name in ("cupy_backends", "cupy_backends.cuda"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, "array_api_compat.cupy", namespace)
    monkeypatch.setitem(sys.modules, "array_api_compat.cupy.linalg", linalg)
    monkeypatch.setattr(sys.modules["array_api_compat"], "cupy", namespace, raising=False)
    is_numpy = _helpers.is_numpy_array  # by which `device(x)` tells what is on the host
    monkeypatch.setattr(_helpers, "is_numpy_array", lambda x: not isinstance(x, arrays.FakeArray) and is_numpy(x))
    return fake


def _cuda():
    runtime = SimpleNamespace(
        CUDARuntimeError=devices.FakeCudaError,
        CUDA_R_32F=0,
        CUDA_R_16F=2,
        CUDA_R_16BF=14,
        driverGetVersion=lambda: 13020,
        runtimeGetVersion=lambda: 13020,
        getDeviceCount=lambda: devices.COUNT,
        getDevice=devices.get_device,
        setDevice=devices.set_device,
        getDeviceProperties=lambda index: {"name": f"Stand-in {index}".encode()},
        memGetInfo=memory.free_and_total,
    )
    return SimpleNamespace(
        Device=devices.FakeDevice,
        Stream=streams.FakeStream,
        Event=streams.FakeEvent,
        get_current_stream=streams.get_current_stream,
        runtime=runtime,
        device=SimpleNamespace(get_cublas_handle=devices.cublas_handle),
        memory=SimpleNamespace(OutOfMemoryError=memory.OutOfMemoryError),
    )
