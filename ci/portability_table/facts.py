"""Date, processor and versions, without which a difference means nothing."""

import importlib
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from portability_table.places import Place

LIBRARIES = {"numpy": "numpy", "strict": "array_api_strict", "torch": "torch", "jax": "jax", "cupy": "cupy"}


def facts(places: Sequence[Place], updates: int) -> dict[str, str]:
    """Each as a line of text."""
    modules = dict.fromkeys(LIBRARIES[place.name] for place in places if place.name in LIBRARIES)
    used = {"numpy": None, **modules}
    found = [f"xpnet {version('xpnet')}", *(f"{name} {importlib.import_module(name).__version__}" for name in used)]
    threads = os.environ.get("OMP_NUM_THREADS", "")
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": f"{_processor()}, {platform.system()} {platform.machine()}",
        "versions": ", ".join([*found, f"Python {platform.python_version()}"]),
        "threads": threads or "the libraries' own choice",
        "updates": f"{updates}, then one probe batch through fprop, bprop and bbprop",
    }


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    named = dict(line.split(":", 1) for line in reversed(lines) if ":" in line)
    models = [text.strip() for name, text in named.items() if name.strip() == "model name"]
    return models[0] if models else platform.processor() or platform.machine()
