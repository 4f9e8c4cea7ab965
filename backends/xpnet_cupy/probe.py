"""Whether CUDA can be used here; if not, why and what to do about it, in one sentence.

`import cupy` succeeds on a machine without a GPU; only the first CUDA call fails, with a message that names
neither the cause nor a remedy. So everything that may be missing is asked for, from the outside inwards.
"""

import os
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from typing import NoReturn

import cupy

from xpnet._typing import Device
from xpnet.errors import BackendUnavailable

OLDEST_CUPY = 14  # the first with NumPy 2 promotion and the whole of the standard
WHEELS = ("cupy", "cupy-cuda11x", "cupy-cuda12x", "cupy-cuda13x", "cupy-rocm-7-0", "cupy-rocm-7-1", "amd-cupy")
INSTEAD = "or choose XPNET_BACKEND=numpy"
NO_DEVICE = 100  # cudaErrorNoDevice
OTHER_GPUS = (  # of a kernel that was compiled for other GPUs: cudaErrorNoKernelImageForDevice and what leads to it
    "NoKernelImage", "NO_BINARY_FOR_GPU", "InvalidDeviceFunction", "InvalidPtx", "UnsupportedPtx",
    "--gpu-architecture",
)  # fmt: skip
LIBRARIES = ("nvrtc", "cublas", "curand", "cusolver", "cusparse", "cufft", "nvjitlink", "cuda_fp16", "CUDA path")


def require_usable() -> int:
    """The number of CUDA devices; BackendUnavailable unless CuPy, driver and device are all there."""
    _require_one_wheel()
    _require_recent_cupy()
    try:
        _require_driver()
        count = int(cupy.cuda.runtime.getDeviceCount())
    except cupy.cuda.runtime.CUDARuntimeError as error:
        if error.status != NO_DEVICE:
            _refuse(f"CUDA answers {_first_line(error)!r}", "check the driver with nvidia-smi", error)
        count = 0
    if count == 0:
        visible = os.environ.get("CUDA_VISIBLE_DEVICES")
        if visible is None:
            _refuse("no CUDA device is visible", "check nvidia-smi and CUDA_VISIBLE_DEVICES")
        _refuse(
            f"no CUDA device is visible, as CUDA_VISIBLE_DEVICES is {visible!r}",
            "unset CUDA_VISIBLE_DEVICES, or set it to numbers that nvidia-smi lists",
        )
    return count


def require_kernels(device: Device) -> None:
    """Run one compiled kernel, one reduction and one matrix product: the CUDA libraries are loaded at first use."""
    try:
        with cupy.cuda.Device(device):
            x = cupy.ones((2, 2), dtype=cupy.float32)
            total = float(cupy.matmul(x, x + x).sum())
    except Exception as error:  # a missing library shows as one of half a dozen types
        _refuse(*_first_failure(device, error), error)
    if total != 16:
        _refuse(f"cuda:{device.id} computes {total} where 16 is right", "check the GPU with nvidia-smi -q")


@cache
def installed_wheels() -> tuple[str, ...]:
    """The installed distributions that bring CuPy, with their versions."""
    found = []
    for name in WHEELS:
        try:
            found.append(f"{name} {distribution(name).version}")
        except PackageNotFoundError:
            continue
    return tuple(found)


def dotted(version: int) -> str:
    """A version of CUDA as people write it.

    >>> dotted(13020)
    '13.2'
    """
    return f"{version // 1000}.{version % 1000 // 10}"


def _first_failure(device: Device, error: Exception) -> tuple[str, str]:
    said = _first_line(error)
    cause = f"cuda:{device.id} cannot run a first computation ({said})"
    if any(word in str(error) for word in OTHER_GPUS):
        built_for = dotted(cupy.cuda.runtime.runtimeGetVersion())
        cause = f"CuPy for CUDA {built_for} has no kernels for cuda:{device.id}, a GPU of another generation ({said})"
        return cause, 'install "cupy-cuda12x[ctk]" for GPUs before Turing, the newest "cupy-cuda13x[ctk]" for new ones'
    if any(word in str(error) for word in LIBRARIES):
        cause = f"a library of CUDA is missing for cuda:{device.id} ({said})"
    return cause, 'pip install "cupy-cuda13x[ctk]" (or "cupy-cuda12x[ctk]")'


def _require_one_wheel() -> None:
    wheels = installed_wheels()
    if len(wheels) > 1:
        names = " ".join(wheel.partition(" ")[0] for wheel in wheels)
        cause = f"{len(wheels)} CuPy packages overwrite each other's files ({', '.join(wheels)})"
        _refuse(cause, f"pip uninstall {names}, then install the one for your driver")


def _require_recent_cupy() -> None:
    if int(cupy.__version__.partition(".")[0]) < OLDEST_CUPY:
        _refuse(f"CuPy {cupy.__version__} is too old", f'pip install "cupy-cuda13x>={OLDEST_CUPY}"')


def _require_driver() -> None:
    driver, built_for = cupy.cuda.runtime.driverGetVersion(), cupy.cuda.runtime.runtimeGetVersion()
    if driver == 0:
        _refuse("no NVIDIA driver was found", "install one (nvidia-smi must list a GPU)")
    # Within one major version older drivers are compatible (CUDA minor version compatibility).
    if driver // 1000 < built_for // 1000:
        cause = f"the NVIDIA driver is too old: it speaks CUDA {dotted(driver)}, CuPy CUDA {dotted(built_for)}"
        _refuse(cause, f'update the driver, install the CuPy wheel for it ("cupy-cuda{driver // 1000}x[ctk]")')


def _refuse(cause: str, remedy: str, error: Exception | None = None) -> NoReturn:
    msg = f"backend 'cupy' cannot run here: {cause}; {remedy}, {INSTEAD}"
    raise BackendUnavailable(msg) from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
