"""Whether CUDA can be used here; if not, why and what to do about it, in one sentence.

`import cupy` succeeds on a machine without a GPU; only the first CUDA call fails, with a message that names
neither the cause nor a remedy. So everything that may be missing is asked for, from the outside inwards.
"""

from typing import NoReturn

import cupy

from xpnet._typing import Device
from xpnet.errors import BackendUnavailable

OLDEST_CUPY = 14  # the first with NumPy 2 promotion and the whole of the standard
NO_DEVICE = 100  # cudaErrorNoDevice
INSTEAD = "or choose XPNET_BACKEND=numpy"


def require_usable() -> int:
    """The number of CUDA devices; BackendUnavailable unless CuPy, driver and device are all there."""
    _require_recent_cupy()
    try:
        _require_driver()
        count = int(cupy.cuda.runtime.getDeviceCount())
    except cupy.cuda.runtime.CUDARuntimeError as error:
        if error.status != NO_DEVICE:
            _refuse(f"CUDA answers {_first_line(error)!r}", "check the driver with nvidia-smi", error)
        count = 0
    if count == 0:
        _refuse("no CUDA device is visible", "check nvidia-smi and CUDA_VISIBLE_DEVICES")
    return count


def require_kernels(device: Device) -> None:
    """Run one compiled kernel, one reduction and one matrix product: the CUDA libraries are loaded at first use."""
    try:
        with cupy.cuda.Device(device):
            x = cupy.ones((2, 2), dtype=cupy.float32)
            total = float(cupy.matmul(x, x + x).sum())
    except Exception as error:  # a missing library shows as one of half a dozen types
        cause = f"cuda:{device.id} cannot run a first computation ({_first_line(error)})"
        _refuse(cause, 'pip install "cupy-cuda13x[ctk]" (or "cupy-cuda12x[ctk]")', error)
    if total != 16:
        _refuse(f"cuda:{device.id} computes {total} where 16 is right", "check the GPU with nvidia-smi -q")


def _require_recent_cupy() -> None:
    if int(cupy.__version__.partition(".")[0]) < OLDEST_CUPY:
        _refuse(f"CuPy {cupy.__version__} is too old", f'pip install "cupy-cuda13x>={OLDEST_CUPY}"')


def _require_driver() -> None:
    driver, built_for = cupy.cuda.runtime.driverGetVersion(), cupy.cuda.runtime.runtimeGetVersion()
    if driver == 0:
        _refuse("no NVIDIA driver was found", "install one (nvidia-smi must list a GPU)")
    # Within one major version older drivers are compatible (CUDA minor version compatibility).
    if driver // 1000 < built_for // 1000:
        cause = f"the NVIDIA driver is too old: it speaks CUDA {_dotted(driver)}, CuPy CUDA {_dotted(built_for)}"
        _refuse(cause, f"update the driver, install the CuPy wheel for CUDA {driver // 1000}")


def _refuse(cause: str, remedy: str, error: Exception | None = None) -> NoReturn:
    msg = f"backend 'cupy' cannot run here: {cause}; {remedy}, {INSTEAD}"
    raise BackendUnavailable(msg) from error


def _dotted(version: int) -> str:
    return f"{version // 1000}.{version % 1000 // 10}"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
