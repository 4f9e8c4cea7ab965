"""The CuPy backend: every way in which CUDA can be missing, each one sentence with its remedy."""

import importlib.util
import subprocess
import sys
import types

import pytest

from xpnet.backend import load_backend
from xpnet.errors import BackendError, BackendUnavailable

COUNT = "getDeviceCount"


def _raises(error):
    def call(*_):
        raise error

    return call


def _sentence(kind, *arguments):
    with pytest.raises(BackendUnavailable) as caught:
        kind(*arguments)
    said = str(caught.value)
    assert said.startswith("backend 'cupy' cannot run here: ")
    assert said.endswith("or choose XPNET_BACKEND=numpy")
    assert "\n" not in said
    return said


def test_a_missing_cupy_names_the_extra_to_install(no_cupy):
    with pytest.raises(BackendUnavailable, match=r"backend 'cupy' cannot run here: .*missing.*xpnet\[cuda13\]"):
        load_backend("cupy")


def test_an_old_cupy_is_refused(fake_cupy, cupy_backend):
    fake_cupy.__version__ = "13.6.0"
    with pytest.raises(BackendUnavailable, match=r"CuPy 13\.6\.0 is too old; pip install .*>=14"):
        cupy_backend()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"driverGetVersion": lambda: 0}, "no NVIDIA driver was found; install one"),
        ({"driverGetVersion": lambda: 12040}, "driver is too old: it speaks CUDA 12.4, CuPy CUDA 13.2; update"),
        ({"driverGetVersion": lambda: 12090}, 'install the CuPy wheel for it ("cupy-cuda12x[ctk]")'),
        ({COUNT: lambda: 0}, "no CUDA device is visible; check nvidia-smi and CUDA_VISIBLE_DEVICES"),
    ],
)
def test_each_missing_part_is_one_sentence_with_a_remedy(fake_cupy, cupy_backend, monkeypatch, change, told):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    vars(fake_cupy.cuda.runtime).update(change)
    assert told in _sentence(cupy_backend)


@pytest.mark.parametrize(("driver", "built_for"), [(13000, 13020), (13000, 12090), (12040, 12090)])
def test_an_older_driver_of_the_same_major_version_and_any_newer_one_will_do(
    fake_cupy, cupy_backend, driver, built_for
):
    vars(fake_cupy.cuda.runtime).update(driverGetVersion=lambda: driver, runtimeGetVersion=lambda: built_for)
    assert cupy_backend().device_name == "cuda:0"


@pytest.mark.parametrize("visible", ["", "-1"])
def test_devices_that_are_hidden_are_named_by_the_variable_that_hides_them(
    fake_cupy, cupy_backend, monkeypatch, visible
):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    error = fake_cupy.cuda.runtime.CUDARuntimeError(100, "cudaErrorNoDevice: no CUDA-capable device is detected")
    setattr(fake_cupy.cuda.runtime, COUNT, _raises(error))
    assert f"as CUDA_VISIBLE_DEVICES is {visible!r}; unset CUDA_VISIBLE_DEVICES" in _sentence(cupy_backend)


def test_any_other_cuda_error_is_quoted_in_one_line(fake_cupy, cupy_backend):
    error = fake_cupy.cuda.runtime.CUDARuntimeError(802, "cudaErrorSystemNotReady: not initialized\nmore")
    setattr(fake_cupy.cuda.runtime, COUNT, _raises(error))
    assert "CUDA answers 'cudaErrorSystemNotReady: not initialized'; check" in _sentence(cupy_backend)


@pytest.mark.parametrize(
    "error",
    [
        ImportError("failed to load libcublas.so.13"),
        RuntimeError('Failure finding "libnvrtc.so.13": No such file\n listdir("lib"):'),
        OSError("cuda_fp16.h: cannot open source file"),
    ],
)
def test_a_missing_cuda_library_shows_before_training_does(fake_cupy, cupy_backend, error):
    fake_cupy.matmul = _raises(error)
    said = _sentence(cupy_backend)
    assert "a library of CUDA is missing for cuda:0 (" in said
    assert 'pip install "cupy-cuda13x[ctk]"' in said


@pytest.mark.parametrize(
    "text",
    [
        "cudaErrorNoKernelImageForDevice: no kernel image is available for execution on the device",
        "CUDA_ERROR_NO_BINARY_FOR_GPU: no kernel image is available",
        "nvrtc: error: invalid value for --gpu-architecture (-arch)",
    ],
)
def test_a_gpu_of_another_generation_is_told_apart(fake_cupy, cupy_backend, text):
    fake_cupy.matmul = _raises(fake_cupy.cuda.runtime.CUDARuntimeError(209, text))
    said = _sentence(cupy_backend)
    assert "CuPy for CUDA 13.2 has no kernels for cuda:0, a GPU of another generation" in said
    assert '"cupy-cuda12x[ctk]" for GPUs before Turing' in said


def test_any_other_failure_is_quoted(fake_cupy, cupy_backend):
    fake_cupy.matmul = _raises(RuntimeError(""))
    assert "cuda:0 cannot run a first computation (RuntimeError)" in _sentence(cupy_backend)


def test_a_device_that_computes_wrongly_is_refused(fake_cupy, cupy_backend):
    fake_cupy.matmul = lambda a, b: a * b
    assert "computes 8.0 where 16 is right" in _sentence(cupy_backend)


def test_two_wheels_at_once_are_refused(plugin, cupy_backend, monkeypatch):
    versions = {"cupy-cuda12x": "14.2.0", "cupy-cuda13x": "14.1.0"}

    def distribution(name):
        if name not in versions:
            raise plugin("probe").PackageNotFoundError(name)
        return types.SimpleNamespace(version=versions[name])

    monkeypatch.setattr(plugin("probe"), "distribution", distribution)
    said = _sentence(cupy_backend)
    assert "2 CuPy packages overwrite each other's files (cupy-cuda12x 14.2.0, cupy-cuda13x 14.1.0)" in said
    assert "pip uninstall cupy-cuda12x cupy-cuda13x, then install the one for your driver" in said


def test_cupys_own_banner_about_two_wheels_stays_silent(tmp_path):
    banner = "-" * 80 + "\n\n  CuPy may not function correctly because multiple CuPy packages are installed"
    (tmp_path / "cupy.py").write_text(
        f"import warnings\nwarnings.warn({chr(10) + banner!r})\nraise ImportError('further than the banner')"
    )
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import xpnet_cupy"
    run = subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert run.stderr.strip().endswith("ImportError: further than the banner")


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


@pytest.mark.skipif(importlib.util.find_spec("cupy") is None, reason="cupy is not installed")
def test_the_real_cupy_runs_or_says_in_one_sentence_why_not():
    said = ""
    try:
        load_backend("cupy")()
    except BackendUnavailable as error:
        said = str(error)
    assert said == "" or said.startswith("backend 'cupy' cannot run here: ")
    assert "\n" not in said
