"""What CUDA device there is, for CuPy and for torch, with driver and versions; asked in a process of its own.

A process of its own, since looking makes a context on the GPU, and since a broken driver may crash or hang it.
"""

import json
import platform
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from gpu_session.running import run

LIMIT = 180.0  # seconds: the first use of CUDA on a machine loads gigabytes of libraries
LIBRARIES = ("cupy", "torch")


@dataclass(frozen=True)
class Found:
    """Facts about the device, and why a library cannot use it."""

    facts: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def look(root: Path, log: Path) -> Found:
    """Ask; whatever goes wrong is the reason why no library can use a GPU."""
    ran = run([sys.executable, "-m", "gpu_session.device"], log, limit=LIMIT, cwd=root, environment={})
    said = ran.output.strip().splitlines() or ["nothing was said"]
    if ran.code != 0:
        reason = f"looking for a device failed with exit code {ran.code}: {said[-1]}"
        return Found({}, dict.fromkeys(LIBRARIES, reason))
    return Found(**json.loads(said[-1]))


def found() -> Found:
    """Look in this process."""
    facts: dict[str, str] = {}
    missing: dict[str, str] = {}
    for library, ask in (("cupy", _by_cupy), ("torch", _by_torch)):
        try:
            facts = ask() | facts
        except Exception as error:  # a library that cannot even be imported is one that cannot be used
            missing[library] = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return Found(facts and facts | _software(), missing)


def _by_cupy() -> dict[str, str]:
    from xpnet import get_backend

    backend = get_backend("cupy")
    import cupy

    runtime, number = cupy.cuda.runtime, backend.device.id
    properties = runtime.getDeviceProperties(number)
    with backend.device_scope():
        cublas = cupy.cuda.cublas.getVersion(cupy.cuda.device.get_cublas_handle())
    return {
        "device": properties["name"].decode(),
        "compute capability": f"{properties['major']}.{properties['minor']}",
        "memory": f"{properties['totalGlobalMem'] / 2**30:.1f} GiB",
        "devices visible": str(runtime.getDeviceCount()),
        "driver": f"for CUDA {dotted(runtime.driverGetVersion())}{_driver()}",
        "CUDA runtime": dotted(runtime.runtimeGetVersion()),
        "cuBLAS": str(cublas),
    }


def _by_torch() -> dict[str, str]:
    from xpnet import get_backend

    backend = get_backend("torch", device="cuda")
    import torch

    properties = torch.cuda.get_device_properties(backend.device)
    return {
        "device": properties.name,
        "compute capability": f"{properties.major}.{properties.minor}",
        "memory": f"{properties.total_memory / 2**30:.1f} GiB",
        "devices visible": str(torch.cuda.device_count()),
        "driver": _driver().strip() or "unknown",
        "torch's CUDA": str(torch.version.cuda),
    }


def _driver() -> str:
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ""
    command = [tool, "--query-gpu=driver_version", "--format=csv,noheader"]
    asked = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    return f" {asked.stdout.splitlines()[0].strip()}" if asked.returncode == 0 and asked.stdout.strip() else ""


def _software() -> dict[str, str]:
    names = {"xpnet": ("xpnet",), "NumPy": ("numpy",), "CuPy": ("cupy-cuda13x", "cupy-cuda12x", "cupy")}
    names |= {"torch": ("torch",), "JAX": ("jax",), "Python": ()}
    return {name: _version(candidates) for name, candidates in names.items()}


def _version(candidates: tuple[str, ...]) -> str:
    if not candidates:
        return platform.python_version()
    for name in candidates:
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return "not installed"


def dotted(number: int) -> str:
    """CUDA's way to number versions.

    >>> dotted(13020)
    '13.2'
    """
    return f"{number // 1000}.{number % 1000 // 10}"


def main() -> int:
    """Print what was found as one line of JSON, the last."""
    said: Any = asdict(found())
    print(json.dumps(said))
    return 0


if __name__ == "__main__":
    sys.exit(main())
