"""The sections of `ci/gpu`, in the order of the page: what each runs, and what it needs."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from benchmarks.workloads import WORKLOADS

from gpu_session.arguments import Arguments

SOAK, STREAMS = "memory or pool", "stream or thread or prefetch"  # names of tests marked gpu
BACKENDS = "tests/backends"
CUPY = {"XPNET_BACKEND": "cupy"}
TORCH = {"XPNET_BACKEND": "torch", "XPNET_DEVICE": "cuda"}
WIDE = {"COLUMNS": "300"}  # pytest cuts what it says of a failure to the terminal's width


@dataclass(frozen=True)
class Section:
    """One command; `library` must be able to use the GPU. A table is a file that the command writes for the page."""

    name: str
    title: str
    library: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    tests: bool = False
    table: Path | None = None


def sections(root: Path, logs: Path, arguments: Arguments, missing: Mapping[str, str]) -> list[Section]:
    """All of them; benchmarks are torch's where CuPy is missing."""
    kernels = [_conformance("cupy", None), _conformance("torch", "cuda")]
    alone, many = _pytest(arguments, 0), _pytest(arguments, arguments.workers)
    graphs = (sys.executable, "-m", "gpu_session.graphs")
    gpu = [
        Section("graphs", "Matrix products in a CUDA graph: which routes work", "cupy", graphs),
        _tests("backends", "Tests of the backends", "cupy", (*many, BACKENDS, "-m", "not gpu"), CUPY),
        _tests(
            "device",
            "Transfers, devices, precisions, bits",
            "cupy",
            (*alone, *_marked(f"not ({SOAK} or {STREAMS})")),
            CUPY,
        ),
        _tests(
            "streams",
            "Streams, threads, prefetching",
            "cupy",
            (*alone, *_marked(f"({STREAMS}) and not ({SOAK})")),
            CUPY,
        ),
        _tests("soak", "Memory soak", "cupy", (*alone, *_marked(SOAK)), CUPY),
    ]
    suites = [
        _tests(f"{name}.{part}", f"Suite with {_said(environment)}: {part}", library, (*many, *paths), environment)
        for name, library, environment in (("suite", "cupy", CUPY), ("torch", "torch", TORCH))
        for part, paths in suite_parts(root).items()
    ]
    return [*kernels, *gpu, *suites, *_benchmarks(root, logs, arguments, missing)]


def suite_parts(root: Path) -> dict[str, tuple[str, ...]]:
    """Parts of the suite by name, each with its paths: a hanging test costs one part, not all."""
    folders = {path.parent.name for path in (root / "tests").glob("*/test_*.py")} - {"backends"}
    top = sorted(f"tests/{path.name}" for path in (root / "tests").glob("test_*.py"))
    return {"doctests": ("xpnet",), "top": tuple(top)} | {name: (f"tests/{name}",) for name in sorted(folders)}


def chosen(everything: Sequence[Section], only: Iterable[str]) -> tuple[list[Section], list[str]]:
    """The sections that were asked for, by name or by the part before the dot; and names that mean none."""
    only = list(only)
    if not only:
        return list(everything), []
    known = {name for section in everything for name in (section.name, section.name.partition(".")[0])}
    picked = [each for each in everything if each.name in only or each.name.partition(".")[0] in only]
    return picked, [name for name in only if name not in known]


def _conformance(library: str, device: str | None) -> Section:
    command = (sys.executable, "-m", "gpu_session.conformance", library, *([device] if device else []))
    return Section(f"kernels.{library}", f"Overrides of {library} against references and float64", library, command)


def _tests(name: str, title: str, library: str, command: tuple[str, ...], environment: Mapping[str, str]) -> Section:
    return Section(name, title, library, command, {**environment, **WIDE}, tests=True)


def _pytest(arguments: Arguments, workers: int) -> tuple[str, ...]:
    spread = ("-n", str(workers)) if find_spec("xdist") else ()
    unslow = ("-m", "not slow") if arguments.quick else ()
    return (sys.executable, "-m", "pytest", "-v", *spread, *unslow, *arguments.pytest)


def _marked(names: str) -> tuple[str, ...]:
    return BACKENDS, "-m", "gpu", "-k", names


def _said(environment: Mapping[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in environment.items())


def _benchmarks(root: Path, logs: Path, arguments: Arguments, missing: Mapping[str, str]) -> list[Section]:
    main = "torch" if "cupy" in missing else "cupy"
    others = [name for name in ("torch", "jax") if name != main and find_spec(name)]
    also = [word for name in others for word in ("--also", name)]
    options = ["--backend", main, "--device", "cuda", *also, "--compiled", *(["--quick"] if arguments.quick else [])]
    made = []
    for name in (workload.name for workload in WORKLOADS):
        table, figures = logs / f"bench.{name}.md", logs / f"bench.{name}.json"
        written = ["--markdown", str(table), "--json", str(figures)]
        command = (str(root / "ci" / "bench"), *options, "--only", name, *written)
        made.append(Section(f"bench.{name}", f"Benchmark: {name}", main, command, table=table))
    return made
