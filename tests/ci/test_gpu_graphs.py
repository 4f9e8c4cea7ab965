"""The probe of routes to a recorded matrix product, on the host: its calls, its words, its comparison."""

import ctypes
import sys
from types import SimpleNamespace

import numpy as np
import pytest


class HostBlas:
    """cuBLAS's functions on host memory, column by column as it reads them."""

    def __init__(self, status=0):
        self.log, self.status = [], status

    def cublasCreate_v2(self, handle):
        self.log.append("create")
        handle._obj.value = 77
        return self.status

    def cublasSetStream_v2(self, handle, stream):
        self.log.append(f"stream {stream.value} of {handle.value}")
        return 0

    def cublasSetWorkspace_v2(self, handle, workspace, size):
        self.log.append(f"workspace {workspace.value}, {size.value}")
        return 0

    def cublasDestroy_v2(self, handle):
        self.log.append("destroy")
        return 0

    def cublasSgemm_v2(self, handle, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc):
        def columns(pointer, leading, rows, count):
            flat = np.ctypeslib.as_array(ctypes.cast(pointer, ctypes.POINTER(ctypes.c_float)), (leading.value * count,))
            return flat.reshape(count, leading.value).T[:rows]

        assert ta.value == tb.value == 0
        left, right = columns(a, lda, m.value, k.value), columns(b, ldb, k.value, n.value)
        columns(c, ldc, m.value, n.value)[...] = alpha._obj.value * (left @ right) + beta._obj.value
        return 0


class HostArray(np.ndarray):
    """A NumPy array with CuPy's address."""

    @property
    def data(self):
        return SimpleNamespace(ptr=self.ctypes.data)


class Stream:
    ptr = 5

    def __init__(self, cupy):
        self.cupy = cupy

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def synchronize(self):
        pass

    def begin_capture(self):
        self.cupy.recording = []

    def end_capture(self):
        record, self.cupy.recording = self.cupy.recording, None
        return SimpleNamespace(launch=lambda stream: [work() for work in record])


@pytest.fixture
def host(monkeypatch):
    """CuPy on the host: what is asked while recording runs at replay only, and cuBLAS is refused then."""
    from gpu_session import graphs

    blas = HostBlas()
    cupy = SimpleNamespace(float32=np.float32, uint8=np.uint8, recording=None, blas=blas)

    def later(work):
        return work() if cupy.recording is None else cupy.recording.append(work)

    def matmul(a, b):
        if cupy.recording is not None:
            msg = "calling cuBLAS API during stream capture is currently unsupported"
            raise NotImplementedError(msg)
        return (np.asarray(a) @ np.asarray(b)).view(HostArray)

    sgemm = blas.cublasSgemm_v2
    blas.cublasSgemm_v2 = lambda *args: later(lambda: sgemm(*args)) and 0
    cupy.asarray = lambda x, dtype: np.asarray(x, dtype).view(HostArray)
    cupy.zeros = lambda shape, dtype: np.zeros(shape, dtype).view(HostArray)
    cupy.empty = cupy.zeros
    cupy.asnumpy = lambda x: np.array(x)
    cupy.matmul, cupy.tanh = matmul, lambda x, out: later(lambda: np.tanh(x, out=out))
    using = lambda malloc: Stream(cupy)  # noqa: E731
    cupy.cuda = SimpleNamespace(
        Stream=lambda non_blocking: Stream(cupy), using_allocator=using, Device=lambda: Stream(cupy),
        MemoryPool=lambda: SimpleNamespace(malloc=None),
    )  # fmt: skip
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    monkeypatch.setattr(graphs, "loaded_library", lambda: blas)
    return cupy


def test_the_handle_multiplies_rows_and_takes_its_workspace_after_its_stream():
    from gpu_session.own_cublas import OwnCublas

    blas = HostBlas()
    a, b = (np.random.default_rng(0).normal(size=shape).astype(np.float32) for shape in ((3, 5), (5, 2)))
    y = np.full((3, 2), 9.0, np.float32)
    handle = OwnCublas(blas, 5, 1234, 32)
    handle.multiply(a.ctypes.data, b.ctypes.data, y.ctypes.data, 3, 5, 2)
    np.testing.assert_allclose(y, a @ b, rtol=1e-6)
    handle.close()
    assert blas.log == ["create", "stream 5 of 77", "workspace 1234, 32", "destroy"]
    with pytest.raises(RuntimeError, match="cublasCreate_v2 gives status 3"):
        OwnCublas(HostBlas(status=3), 5, 1234, 32)


def test_every_route_is_tried_and_told(host, capsys):
    from gpu_session import graphs

    assert graphs.main() == 0
    said = capsys.readouterr().out.splitlines()
    assert (
        said[0] == "cupy.matmul: NotImplementedError: calling cuBLAS API during stream capture is currently unsupported"
    )
    assert said[1].startswith("own cuBLAS handle: recorded, replay right (error ")
    assert said[2].startswith("own cuBLAS handle, no workspace: recorded, replay right")
    assert said[3].startswith("cuTENSOR: ")
    assert "workspace None, 0" in host.blas.log


def test_a_replay_that_reads_other_arrays_is_told(host):
    from gpu_session import graphs

    def record(a, b, y):
        stale = np.tanh(np.asarray(a) @ np.asarray(b))  # made once, when it was recorded
        return (lambda: None), (lambda: y.__setitem__(..., stale))

    assert "replay WRONG" in graphs.tried(host, record)


def test_the_library_is_the_one_that_is_loaded(monkeypatch):
    from gpu_session import own_cublas

    monkeypatch.setattr(own_cublas, "Path", lambda text: SimpleNamespace(read_text=lambda: "", name=text))
    with pytest.raises(RuntimeError, match="loaded no libcublas; multiply two CuPy matrices first"):
        own_cublas.loaded_library()
