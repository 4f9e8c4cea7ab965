"""The facts about machine and software without which a timing means nothing."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.environment import Prepared
from benchmarks.libraries import Libraries, versions


def facts(libraries: Libraries, prepared: Prepared) -> dict[str, str]:
    """Date, processor, cores, device and versions, each as a line of text."""
    core = "not pinned" if prepared.core is None else f"1 of {os.cpu_count()} (core {prepared.core}), one thread each"
    told = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": _processor(),
        "cores used": core,
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "backend": repr(libraries.backend),
        "versions": ", ".join(f"{name} {text}" for name, text in versions(libraries).items()),
        "NumPy's BLAS": _blas(),
    }
    if libraries.gpu:
        told["GPU"] = _gpu(libraries)
    if prepared.dropped:
        told["dropped settings"] = ", ".join(f"{name}={value}" for name, value in prepared.dropped.items())
    return told


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    fields = dict(line.split(":", 1) for line in reversed(lines) if ":" in line)
    named = {name.strip(): value.strip() for name, value in fields.items()}
    model = named.get("model name", platform.processor() or platform.machine())
    detail = ", ".join(f"{word} {named[key]}" for key, word in _PROCESSOR_FIELDS.items() if key in named)
    return f"{model} ({detail})" if detail else model


_PROCESSOR_FIELDS = {"cpu family": "family", "model": "model", "cache size": "cache"}


def _blas() -> str:
    import numpy as np

    config: Any = np.show_config(mode="dicts")
    blas = config.get("Build Dependencies", {}).get("blas", {})
    return f"{blas.get('name', 'unknown')} {blas.get('version', '')}".strip()


def _gpu(libraries: Libraries) -> str:
    if libraries.backend.name != "cupy":
        torch: Any = libraries.torch
        return f"{torch.cuda.get_device_name(libraries.torch_device)}, torch for CUDA {torch.version.cuda}"
    import cupy

    name = cupy.cuda.runtime.getDeviceProperties(libraries.backend.device.id)["name"].decode()
    driver = cupy.cuda.runtime.driverGetVersion()
    return f"{name}, driver for CUDA {driver // 1000}.{driver % 1000 // 10}"
