"""The CuPy backend: every way in which CUDA can be missing, devices, placement; on a GPU, the real thing."""

import importlib.util

import numpy as np
import pytest

from xpnet.backend import load_backend
from xpnet.errors import BackendError, BackendUnavailable, PlacementError

COUNT = "getDeviceCount"


def _raises(error):
    def call():
        raise error

    return call


def test_a_missing_cupy_names_the_extra_to_install(no_cupy):
    with pytest.raises(BackendUnavailable, match=r"backend 'cupy' cannot run here: .*missing.*xpnet\[cuda13\]"):
        load_backend("cupy")


def test_an_old_cupy_is_refused(fake_cupy, cupy_backend):
    fake_cupy.__version__ = "13.6.0"
    with pytest.raises(BackendUnavailable, match=r"CuPy 13\.6\.0 is too old; pip install .*>=14"):
        cupy_backend()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"driverGetVersion": lambda: 0}, "no NVIDIA driver was found; install one"),
        ({"driverGetVersion": lambda: 12040}, r"driver is too old: it speaks CUDA 12\.4, CuPy CUDA 13\.2; update"),
        ({COUNT: lambda: 0}, "no CUDA device is visible; check nvidia-smi and CUDA_VISIBLE_DEVICES"),
    ],
)
def test_each_missing_part_is_one_sentence_with_a_remedy(fake_cupy, cupy_backend, change, sentence):
    vars(fake_cupy.cuda.runtime).update(change)
    with pytest.raises(BackendUnavailable, match=sentence) as caught:
        cupy_backend()
    assert str(caught.value).startswith("backend 'cupy' cannot run here: ")
    assert str(caught.value).endswith("or choose XPNET_BACKEND=numpy")
    assert "\n" not in str(caught.value)


def test_no_device_may_also_be_an_exception(fake_cupy, cupy_backend):
    error = fake_cupy.cuda.runtime.CUDARuntimeError(100, "cudaErrorNoDevice: no CUDA-capable device is detected")
    setattr(fake_cupy.cuda.runtime, COUNT, _raises(error))
    with pytest.raises(BackendUnavailable, match="no CUDA device is visible"):
        cupy_backend()


def test_any_other_cuda_error_is_quoted_in_one_line(fake_cupy, cupy_backend):
    error = fake_cupy.cuda.runtime.CUDARuntimeError(802, "cudaErrorSystemNotReady: not initialized\nmore")
    setattr(fake_cupy.cuda.runtime, COUNT, _raises(error))
    with pytest.raises(BackendUnavailable, match=r"CUDA answers 'cudaErrorSystemNotReady: not initialized'; check"):
        cupy_backend()


def test_a_missing_cuda_library_shows_before_training_does(fake_cupy, cupy_backend):
    fake_cupy.matmul = lambda *_: _raises(ImportError("failed to load libcublas.so.13"))()
    with pytest.raises(BackendUnavailable, match=r"cuda:0 cannot run a first computation \(failed to load libcublas"):
        cupy_backend()


def test_a_device_that_computes_wrongly_is_refused(fake_cupy, cupy_backend):
    fake_cupy.matmul = lambda a, b: a * b
    with pytest.raises(BackendUnavailable, match=r"computes 8\.0 where 16 is right"):
        cupy_backend()


@pytest.mark.parametrize(("text", "index"), [(None, 0), ("cuda", 0), ("cuda:1", 1), ("1", 1)])
def test_device_names(cupy_backend, text, index):
    backend = cupy_backend(text)
    assert backend.device.id == index
    assert repr(backend) == f"CupyBackend(device='cuda:{index}', dtype='float32')"


@pytest.mark.parametrize("text", ["cpu", "cuda:", "cuda1", "gpu:0", "cuda:-1"])
def test_a_name_that_is_no_device(cupy_backend, text):
    with pytest.raises(BackendError, match="write 'cuda', 'cuda:1' or '1'"):
        cupy_backend(text)


def test_a_device_index_out_of_range_lists_those_present(cupy_backend):
    with pytest.raises(BackendError, match="no device 'cuda:2'; present: cuda:0, cuda:1") as caught:
        cupy_backend("cuda:2")
    assert not isinstance(caught.value, BackendUnavailable)


@pytest.mark.parametrize("create", ["zeros", "ones", "asarray", "indices"])
def test_everything_is_created_on_its_own_device(cupy_backend, create):
    backend = cupy_backend("cuda:1")
    argument = (2, 3) if create in ("zeros", "ones") else [1, 2]
    assert getattr(backend, create)(argument).device.id == 1
    with cupy_backend("cuda:0").device_scope():
        assert getattr(backend, create)(argument).device.id == 1


def test_the_namespace_honours_device_in_every_creation_function(cupy_backend):
    backend = cupy_backend("cuda:1")
    xp, device = backend.xp, backend.device
    made = (xp.arange(3, device=device), xp.full((2,), 7.0, device=device), xp.eye(2, device=device))
    like = (xp.zeros_like(made[0]), xp.ones_like(made[1]))
    assert [x.device.id for x in (*made, *like)] == [1] * 5
    assert xp.zeros((2,)).device.id == 0


def test_asarray_moves_an_array_from_another_device(cupy_backend):
    first, second = cupy_backend("cuda:0"), cupy_backend("cuda:1")
    x = first.asarray([1.0, 2.0])
    moved = second.asarray(x)
    assert (x.device.id, moved.device.id) == (0, 1)
    assert first.asarray(x) is x
    np.testing.assert_array_equal(second.to_numpy(moved), [1.0, 2.0])


def test_mixing_devices_or_host_and_device_is_an_error(cupy_backend):
    first, second = cupy_backend("cuda:0"), cupy_backend("cuda:1")
    with pytest.raises(PlacementError, match="Linear must share one dtype and device"):
        first.require_same_placement(first.ones((2,)), second.ones((2,)), "Linear")
    with pytest.raises(PlacementError):
        first.require_same_placement(first.ones((2,)), np.ones((2,), dtype=np.float32), "Linear")
    first.require_same_placement(first.ones((2,)), first.zeros((3,)), "Linear")


def test_scope_dtype_synchronisation_and_memory(fake_cupy, cupy_backend):
    backend = cupy_backend("cuda:1", "float64")
    with backend.device_scope():
        assert fake_cupy.ones((1,)).device.id == 1
    assert fake_cupy.ones((1,)).device.id == 0
    assert repr(backend.with_dtype("float32")) == "CupyBackend(device='cuda:1', dtype='float32')"
    assert backend.ones((1,)).dtype == np.float64
    assert not backend.synchronous
    backend.synchronize()
    assert backend.device.synchronized == 1
    assert backend.memory_stats() == {"used": 10, "held": 20, "free": 60, "total": 80}
    assert backend.capabilities.views
    assert not backend.ops.accelerated


needs_cupy = pytest.mark.skipif(importlib.util.find_spec("cupy") is None, reason="cupy is not installed")


@pytest.fixture
def real_backend():
    try:
        return load_backend("cupy")()
    except BackendUnavailable as error:
        pytest.skip(str(error))


@needs_cupy
def test_the_real_cupy_runs_or_says_in_one_sentence_why_not():
    said = ""
    try:
        load_backend("cupy")()
    except BackendUnavailable as error:
        said = str(error)
    assert said == "" or said.startswith("backend 'cupy' cannot run here: ")
    assert "\n" not in said


@needs_cupy
@pytest.mark.gpu
def test_on_a_gpu_arrays_make_the_round_trip(real_backend):
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    there = real_backend.asarray(x)
    product = real_backend.xp.matmul(there, real_backend.xp.matrix_transpose(there))
    np.testing.assert_allclose(real_backend.to_numpy(product), x @ x.T, rtol=1e-6)
    assert real_backend.capabilities.views
    assert real_backend.memory_stats()["used"] > 0


@needs_cupy
@pytest.mark.gpu
def test_on_two_gpus_mixing_is_an_error(real_backend):
    if real_backend._device_count < 2:
        pytest.skip("needs two CUDA devices")
    second = load_backend("cupy")("cuda:1")
    moved = second.asarray(real_backend.ones((2,)))
    assert moved.device.id == 1
    with pytest.raises(PlacementError):
        second.require_same_placement(moved, real_backend.ones((2,)), "Plus")
