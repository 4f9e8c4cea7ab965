"""What the backend calls and the stand-in plays exists in the CuPy that is installed, by that name and signature."""

import importlib.util
import inspect
import re
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType, SimpleNamespace

import cupy_stand_in
import numpy as np
import pytest
from cupy_stand_in import blas, memory, streams

import xpnet

cupy = pytest.importorskip("cupy", reason="cupy is not installed")
cupyx = pytest.importorskip("cupyx", reason="cupy is not installed")


def _attempt(call, *args, **options):
    """Call it; without a GPU it may fail in CUDA, but not before: names and arguments are right."""
    try:
        return call(*args, **options)
    except cupy.cuda.runtime.CUDARuntimeError:
        return None


@pytest.fixture
def flat():
    """A real CuPy array without memory: enough for shapes, flags and arguments."""
    memory = cupy.cuda.UnownedMemory(4096, 1024, None, 0)
    return cupy.ndarray((2, 3), np.float32, cupy.cuda.MemoryPointer(memory, 0))


def _played(fake, real, path):
    for name, value in vars(fake).items():
        if name.startswith("__") and name != "__version__":
            continue
        where = f"{path}.{name}"
        assert hasattr(real, name), f"{where} is played by the stand-in, but CuPy has no such name"
        if isinstance(value, ModuleType | SimpleNamespace):
            yield from _played(value, getattr(real, name), where)
        yield where


def test_what_the_stand_in_plays_is_there(monkeypatch):
    real = cupy
    found = list(_played(cupy_stand_in.install(monkeypatch), real, "cupy"))
    assert {"cupy.cuda.Stream", "cupy.cuda.runtime.memGetInfo", "cupy.cuda.memory.OutOfMemoryError"} <= set(found)
    fake = importlib.import_module("cupy").cuda.runtime
    for name in ("CUDA_R_32F", "CUDA_R_16F", "CUDA_R_16BF"):
        assert getattr(real.cuda.runtime, name) == getattr(fake, name)


def _dotted_names():
    """Every name that a file of the backend takes from cupy or cupyx, read from the text."""
    folder = Path(xpnet.__file__).parent.parent / "backends" / "xpnet_cupy"
    if not folder.exists():
        folder = Path(importlib.util.find_spec("xpnet_cupy").origin).parent
    text = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    return sorted(set(re.findall(r"\b(cupyx?(?:\.\w+)+)", re.sub(r'""".*?"""|"[^"]*"|#.*', "", text, flags=re.DOTALL))))


@pytest.mark.parametrize("name", _dotted_names())
def test_every_name_in_the_sources_is_there(name):
    value = cupyx if name.startswith("cupyx") else cupy
    for part in name.split(".")[1:]:
        value = getattr(value, part)
    assert value is not None


def test_signatures_of_streams_events_and_pinned_memory():
    for real, fake in (
        (cupy.cuda.Stream, streams.FakeStream),
        (cupy.cuda.Event, streams.FakeEvent),
        (cupyx.empty_pinned, memory.empty_pinned),
        (cupy.cuda.Stream.record, streams.FakeStream.record),
        (cupy.cuda.Stream.wait_event, streams.FakeStream.wait_event),
        (cupy.cuda.Event.record, streams.FakeEvent.record),
        (cupy.cuda.Event.synchronize, streams.FakeEvent.synchronize),
    ):
        assert _described(real) == _described(fake)
    assert inspect.isfunction(cupyx.empty_pinned)


def _described(call):
    return [(p.name, p.default) for p in inspect.signature(call).parameters.values()]


def test_the_pools_take_these_arguments():
    pool = cupy.cuda.MemoryPool()
    _attempt(pool.set_limit, size=2**30)
    _attempt(pool.set_limit, fraction=0.5)
    for ask in (pool.used_bytes, pool.total_bytes, pool.get_limit, pool.free_all_blocks):
        _attempt(ask)
    with pytest.raises(TypeError):
        pool.set_limit(bytes=2**30)
    assert type(cupy.get_default_memory_pool()) is cupy.cuda.MemoryPool
    assert type(cupy.get_default_pinned_memory_pool()) is cupy.cuda.PinnedMemoryPool
    cupy.get_default_pinned_memory_pool().free_all_blocks()


def test_arrays_know_their_device_order_and_how_to_be_set(flat):
    assert (flat.data.device_id, flat.data.ptr) == (0, 4096)
    assert flat.flags.c_contiguous
    assert flat.swapaxes(-1, -2).flags.f_contiguous
    with pytest.raises(TypeError, match=re.escape("Only numpy.ndarray can be set")):
        flat.set([1.0], stream=cupy.cuda.Stream.null)
    with pytest.raises(ValueError, match="Shape mismatch"):
        flat.set(np.ones((3, 3), np.float32), stream=cupy.cuda.Stream.null)
    assert hasattr(cupy.ndarray, "__cuda_array_interface__")


def test_scaling_by_powers_of_two_is_there_in_float32():
    assert "f->fi" in cupy.frexp.types
    assert "fi->f" in cupy.ldexp.types


def test_no_memory_is_told_in_these_words_and_is_a_memory_error():
    from xpnet_cupy.faults import _needed, ran_out

    error = cupy.cuda.memory.OutOfMemoryError(3 * 2**30, 2**30, 2**31)
    assert isinstance(error, MemoryError)
    assert _needed(error) == "3 GiB more were needed (3221225472 bytes)"
    assert ran_out(error)
    assert not ran_out(MemoryError())


def test_the_warning_of_another_device_is_a_warning_and_asked_for_by_kernels(flat):
    assert issubclass(cupy._util.PerformanceWarning, Warning)
    assert cupy._core._kernel._check_peer_access(flat, 0) is None
    with pytest.raises(cupy.cuda.runtime.CUDARuntimeError):  # it asks CUDA whether device 99 reaches device 0
        cupy._core._kernel._check_peer_access(flat, 99)


def test_devices_cannot_be_hashed_and_nest():
    with pytest.raises(TypeError, match="unhashable"):
        hash(cupy.cuda.Device(0))
    assert cupy.cuda.Device(1) == cupy.cuda.Device(1)
    assert cupy.cuda.Device(1) != cupy.cuda.Device(0)


def test_the_namespace_is_built_over_the_real_cupy():
    from xpnet_cupy.namespace import namespace_on
    from xpnet_cupy.products import Products
    from xpnet_cupy.scope import DeviceScope

    products = Products(0)
    for guarded in (True, False):
        xp = namespace_on(DeviceScope(cupy.cuda.Device(0)), products, guarded)
        assert xp.float32 is np.float32
        assert {"matmul", "vecdot", "cholesky"} <= set(vars(xp.linalg))
        assert (xp.matmul == products.matmul) is not guarded
        with nullcontext() if cupy.is_available() else pytest.raises(cupy.cuda.runtime.CUDARuntimeError):
            xp.ones((2,))


@pytest.fixture
def real_cublas():
    try:
        return importlib.import_module("cupy_backends.cuda.libs").cublas
    except ImportError as error:
        pytest.skip(str(error).partition("\n")[0])


def test_cublas_takes_these_arguments_in_this_order(real_cublas):
    for name in ("gemmEx", "gemmStridedBatchedEx"):
        documented = getattr(real_cublas, name).__doc__
        names = re.findall(r"(\w+)(?=[,)])", documented)
        assert names == list(inspect.signature(getattr(blas, name)).parameters)
    for name in ("CUBLAS_COMPUTE_32F", "CUBLAS_COMPUTE_32F_FAST_TF32", "CUBLAS_GEMM_DEFAULT"):
        assert getattr(real_cublas, name) == getattr(blas, name)
    assert issubclass(real_cublas.CUBLASError, RuntimeError)
    assert real_cublas.CUBLASError.__name__ == "CUBLASError"
