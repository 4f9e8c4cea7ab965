"""CuPy's memory pool: what it holds, its limit, giving back, and the one message when there is no room."""

import gc

import cupy_stand_in
import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import OutOfMemoryError, RecipeError

MIB = 2**20


def test_statistics_follow_what_is_alive(cupy_backend):
    backend, other = cupy_backend("cuda:1"), cupy_backend("cuda:0")
    before, elsewhere = backend.memory_stats(), other.memory_stats()
    x = backend.zeros((256, 1024))
    during = backend.memory_stats()
    assert during["used"] - before["used"] == MIB
    assert during["held"] >= during["used"]
    assert (during["free"], during["total"]) == (80 * 2**30 - during["held"], 80 * 2**30)
    assert during["limit"] == 0
    assert other.memory_stats() == elsewhere
    del x
    after = backend.memory_stats()
    assert (after["used"], after["held"]) == (before["used"], during["held"])
    backend.release_memory()
    assert backend.memory_stats()["held"] == before["used"]
    assert cupy_stand_in.memory.PINNED.released == 1


@pytest.mark.parametrize(
    ("limit", "size"),
    [("8 GiB", 2**33), ("512MB", 512 * 10**6), ("1.5 KiB", 1536), ("50%", 40 * 2**30), (4096, 4096), ("4096", 4096)],
)
def test_a_limit_may_be_bytes_a_text_or_a_part_of_the_device(cupy_backend, limit, size):
    backend = cupy_backend("cuda:1")
    backend.limit_memory(limit)
    assert backend.memory_stats()["limit"] == size
    assert cupy_backend("cuda:0").memory_stats()["limit"] == 0
    backend.limit_memory(None)
    assert backend.memory_stats()["limit"] == 0


@pytest.mark.parametrize("limit", ["8 apples", "half", "101%", "-1", "8 gib", "%"])
def test_other_limits_are_an_error_that_shows_how_to_write_one(cupy_backend, limit):
    with pytest.raises(RecipeError, match='bytes, a text such as "8 GiB", or at most "100%"; got ' + repr(limit)):
        cupy_backend().limit_memory(limit)


def test_the_setting_limits_every_backend(cupy_backend, monkeypatch):
    monkeypatch.setenv("XPNET_MEMORY_LIMIT", " 25% ")
    assert cupy_backend().memory_stats()["limit"] == 20 * 2**30
    monkeypatch.setenv("XPNET_MEMORY_LIMIT", "a lot")
    with pytest.raises(RecipeError, match="got 'a lot'"):
        cupy_backend()


def test_no_room_is_one_message_with_figures_and_remedies(cupy_backend):
    backend = cupy_backend("cuda:1")
    gc.collect()
    backend.release_memory()
    x = backend.zeros((256, 1024))
    y = backend.zeros((256, 1024))
    used = backend.memory_stats()["used"]
    del y
    backend.limit_memory(used + MIB)
    with pytest.raises(OutOfMemoryError) as caught:
        backend.zeros((1024, 1024))
    said = str(caught.value)
    assert said.startswith("cuda:1 is out of memory: 4 MiB more were needed (4194304 bytes); 80 GiB of 80 GiB are free")
    assert f"CuPy's pool holds {used / MIB:.4g} MiB of at most {used / MIB + 1:.4g} MiB." in said
    assert "take smaller batches; give the trainer a smaller memory=" in said
    assert "backend.release_memory()" in said
    assert "raise XPNET_MEMORY_LIMIT" in said
    assert (caught.value.exit_code, type(caught.value.__cause__).__name__) == (71, "OutOfMemoryError")
    del x


def test_remedies_that_would_not_help_are_left_out(cupy_backend, monkeypatch):
    backend = cupy_backend()
    monkeypatch.setattr("cupy_stand_in.memory.TOTAL", 8 * MIB)
    gc.collect()
    backend.release_memory()
    with pytest.raises(OutOfMemoryError) as caught:
        backend.zeros((1024, 4096))
    assert "16 MiB more were needed (16777216 bytes); 8 MiB of 8 MiB are free" in str(caught.value)
    assert "at most" not in str(caught.value)
    assert "release_memory" not in str(caught.value)
    assert "XPNET_MEMORY_LIMIT" not in str(caught.value)


def test_the_message_comes_from_wherever_it_may_come_up(cupy_backend):
    backend = cupy_backend()
    with backend.device_scope(), xn.use_backend(backend):
        machine = xn.Cascade(xn.Linear(64, 64), xn.Tanh(), xn.Linear(64, 2))
        trainer = xn.SimpleTrainer(machine, xn.Euclidean(), xn.ParameterStore(machine, backend=backend, seed=0))
        x = backend.ones((64, 64))
    gc.collect()
    backend.release_memory()
    backend.limit_memory(backend.memory_stats()["used"] + 8192)
    with pytest.raises(OutOfMemoryError, match="cuda:0 is out of memory"), backend.device_scope():
        trainer.learn_sample(x, np.zeros(64, np.int64), np.eye(2, dtype=np.float32), {"learning_rate": 0.1})
    for give in (lambda: backend.asarray(np.ones(4096)), lambda: next(backend.prefetch([(np.ones(4096),)]))):
        with pytest.raises(OutOfMemoryError):
            give()
    with pytest.raises(OutOfMemoryError), backend.stream():
        backend.xp.ones((4096,))


def test_the_message_passes_an_outer_scope_unchanged(cupy_backend):
    backend = cupy_backend()
    backend.limit_memory("1 MiB")
    with pytest.raises(OutOfMemoryError) as caught, backend.device_scope():
        backend.zeros((1024, 1024))
    assert str(caught.value).count("is out of memory") == 1


@pytest.mark.parametrize("library", ["cuda", "cublas"])
def test_no_room_for_a_cuda_library_is_told_likewise(cupy_backend, fake_cupy, library):
    cuda = fake_cupy.cuda.runtime.CUDARuntimeError(2, "cudaErrorMemoryAllocation: out of memory")
    error = cuda if library == "cuda" else cupy_stand_in.blas.CUBLASError(3)
    with pytest.raises(OutOfMemoryError, match="a CUDA library found no room"), cupy_backend().device_scope():
        raise error


def test_other_errors_of_cuda_stay_what_they_are(cupy_backend, fake_cupy):
    error = fake_cupy.cuda.runtime.CUDARuntimeError(700, "cudaErrorIllegalAddress")
    with pytest.raises(fake_cupy.cuda.runtime.CUDARuntimeError), cupy_backend().device_scope():
        raise error


def test_doctor_is_told_of_gpu_memory_versions_and_precision(cupy_backend, monkeypatch, plugin):
    monkeypatch.delenv("CUPY_TF32", raising=False)
    monkeypatch.setattr(plugin("remarks"), "installed_wheels", lambda: ("cupy-cuda13x 14.2.0",))
    backend = cupy_backend("cuda:1", precision="float16")
    backend.limit_memory("8 GiB")
    gpu, memory, pool, versions, products = backend.remarks()
    assert gpu == "Stand-in 1, compute capability 9.0"
    assert memory.endswith("of 80 GiB free")
    assert pool.endswith("at most 8 GiB")
    assert versions == "cupy-cuda13x 14.2.0 for CUDA 13.2, driver for CUDA 13.2"
    assert products == "products of float32: float16, summed in float32"
    assert cupy_backend().remarks()[4] == "products of float32: float32"
    monkeypatch.setenv("CUPY_TF32", "1")
    assert "CUPY_TF32 is set; unset it" in cupy_backend().remarks()[4]


def test_doctor_is_told_what_determinism_wants_of_cublas(cupy_backend, monkeypatch):
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    assert len(cupy_backend().remarks()) == 5
    monkeypatch.setenv("XPNET_DETERMINISTIC", "on")
    backend = cupy_backend()
    assert "unless CUBLAS_WORKSPACE_CONFIG=:4096:8 is set before Python starts" in backend.remarks()[-1]
    for fitting in (":4096:8", ":16:8"):
        monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", fitting)
        assert backend.remarks()[-1] == "deterministic: the same bits every time on this device"
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:2")
    assert "on one stream only" in backend.remarks()[-1]
