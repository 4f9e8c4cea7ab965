"""What `ci/gpu` does: the whole suite and the benchmarks on CuPy, and a dated file with what came out.

Without a usable GPU it prints the cause in one line, changes nothing and succeeds: not having one is no failure.
"""

import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

from xpnet import get_backend
from xpnet.errors import BackendError

ROOT = Path(__file__).resolve().parent.parent


def main(pytest_arguments: list[str]) -> int:
    """Run and write everything; the first exit code that is not 0."""
    try:
        backend = get_backend("cupy")
    except BackendError as error:
        print(f"ci/gpu: nothing was run: {error}")
        return 0
    facts = gpu_facts(backend)
    print("\n".join(f"{name}: {text}" for name, text in facts.items()))
    tests, summary = run_suite(pytest_arguments)
    path = ROOT / "docs" / "gpu" / f"{date.today():%Y-%m-%d}-{slug(facts['device'])}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(facts, tests, summary))
    bench = subprocess.run([ROOT / "ci" / "bench", "--backend", "cupy", "--markdown", path], check=False)
    print(f"ci/gpu: wrote {path.relative_to(ROOT)}; suite exit code {tests}, benchmarks {bench.returncode}")
    return tests or bench.returncode


def gpu_facts(backend: Any) -> dict[str, str]:
    """Device, driver and versions."""
    import cupy

    runtime, device = cupy.cuda.runtime, backend.device
    properties = runtime.getDeviceProperties(device.id)
    return {
        "device": properties["name"].decode(),
        "compute capability": f"{properties['major']}.{properties['minor']}",
        "memory": f"{backend.memory_stats()['total'] / 2**30:.1f} GiB",
        "devices visible": str(runtime.getDeviceCount()),
        "driver": f"for CUDA {_dotted(runtime.driverGetVersion())}",
        "CUDA runtime": _dotted(runtime.runtimeGetVersion()),
        "CuPy": cupy.__version__,
    }


def run_suite(pytest_arguments: list[str]) -> tuple[int, list[str]]:
    """pytest's exit code, and its short summary with the closing line; the output is shown as it comes."""
    command = [sys.executable, "-m", "pytest", *pytest_arguments]
    environment = os.environ | {"XPNET_BACKEND": "cupy"}
    lines: list[str] = []
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as suite:
        for line in suite.stdout or ():
            print(line, end="")
            lines.append(line.rstrip())
    start = next((place for place, line in enumerate(lines) if "short test summary info" in line), len(lines) - 1)
    return suite.returncode, lines[max(start, 0) :]


def page(facts: dict[str, str], tests: int, summary: list[str]) -> str:
    """The result file, but for the tables, which the benchmark adds at its end."""
    told = "\n".join(f"- {name}: {text}" for name, text in facts.items())
    outcome = "passed" if tests == 0 else f"did not pass (exit code {tests})"
    return (
        f"# CuPy on {facts['device']}, {date.today():%Y-%m-%d}\n\nWritten by `ci/gpu`.\n\n{told}\n\n"
        f"## Suite with XPNET_BACKEND=cupy: {outcome}\n\n```\n{chr(10).join(summary)}\n```\n\n## Benchmarks\n"
    )


def slug(device: str) -> str:
    """The device's name as part of a file name: "NVIDIA H100 80GB HBM3" gives "nvidia-h100-80gb-hbm3"."""
    return re.sub(r"[^a-z0-9]+", "-", device.lower()).strip("-")


def _dotted(version: int) -> str:
    return f"{version // 1000}.{version % 1000 // 10}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
