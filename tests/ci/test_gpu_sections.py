"""The sections of `ci/gpu`: nothing of the suite is left out, no test for a GPU runs twice."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def made(tmp_path):
    """made(argv, missing) gives the sections of a call by name."""
    from gpu_session.arguments import parse
    from gpu_session.sections import sections

    return lambda *argv, **missing: {each.name: each for each in sections(ROOT, tmp_path, parse(list(argv)), missing)}


def test_all_of_the_suite_is_in_one_part_or_another():
    from gpu_session.sections import BACKENDS, suite_parts

    paths = [ROOT / path for part in suite_parts(ROOT).values() for path in part]
    files = [
        file
        for path in paths
        if path != ROOT / "xpnet"
        for file in (path.rglob("test_*.py") if path.is_dir() else [path])
    ]
    here = {*ROOT.glob("tests/**/test_*.py")} - {*(ROOT / BACKENDS).rglob("test_*.py")}
    assert Counter(files) == Counter(here)


def test_every_test_for_a_gpu_runs_in_exactly_one_section(made):
    folder = ROOT / "tests" / "backends"
    files = [str(path) for path in sorted(folder.glob("test_*.py")) if "mark.gpu" in path.read_text()]

    def collected(*chosen):
        command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:xdist", *files, *chosen]
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        return [line for line in said.splitlines() if "::" in line]

    listed = Counter()
    for name in ("device", "streams", "soak"):
        *_, place, marked, mark, names, expression = made()[name].command
        assert (place, marked, mark, names) == ("tests/backends", "-m", "gpu", "-k")
        found = collected("-m", "gpu", "-k", expression)
        assert found, name
        listed.update(found)
    assert listed == Counter(collected("-m", "gpu"))


def test_the_suite_runs_on_cupy_and_on_torch(made):
    suite, on_torch = made()["suite.ops"], made()["torch.ops"]
    assert suite.environment.items() >= {"XPNET_BACKEND": "cupy"}.items()
    assert on_torch.environment.items() >= {"XPNET_BACKEND": "torch", "XPNET_DEVICE": "cuda"}.items()
    assert (suite.library, on_torch.library) == ("cupy", "torch")
    assert suite.command[-1] == on_torch.command[-1] == "tests/ops"
    assert suite.tests


def test_quick_leaves_out_what_is_slow_and_hands_on_what_pytest_is_given(made):
    command = made("--quick", "--", "-k", "softmax")["suite.ops"].command
    assert command[-5:] == ("-m", "not slow", "-k", "softmax", "tests/ops")
    assert "--quick" in made("--quick")["bench.mlp_step"].command
    assert "not slow" not in made()["suite.ops"].command


def test_every_workload_has_its_section_with_all_peers(made, tmp_path):
    from benchmarks.arguments import parse
    from benchmarks.workloads import WORKLOADS

    for workload in WORKLOADS:
        section = made()[f"bench.{workload.name}"]
        arguments = parse(list(section.command[1:]))
        assert Path(section.command[0]) == ROOT / "ci" / "bench"
        assert (arguments.backend, arguments.only, arguments.compiled) == ("cupy", [workload.name], True)
        assert arguments.on_gpu
        assert arguments.markdown == section.table == tmp_path / f"bench.{workload.name}.md"


def test_without_cupy_torch_is_timed_in_its_place(made):
    section = made(cupy="not installed")["bench.mlp_step"]
    assert section.library == "torch"
    assert section.command[1:5] == ("--backend", "torch", "--device", "cuda")


def test_conformance_tells_every_override_that_is_broken(monkeypatch, capsys):
    from gpu_session import conformance

    import xpnet as xn

    backend = xn.get_backend("numpy")
    monkeypatch.setattr(backend.ops, "accelerated", frozenset({"tanh_vjp", "linear_vjp_bias"}))
    assert conformance.proved(backend) == []
    honest = backend.ops.tanh_vjp
    monkeypatch.setitem(vars(backend.ops), "tanh_vjp", lambda dy, y: honest(dy, y) * 1.01)
    monkeypatch.setattr(conformance, "get_backend", lambda *_, **__: backend)
    assert conformance.main("numpy", None) == 1
    said = capsys.readouterr().out
    assert "2 broken" in said  # in both dtypes, here the same one
    assert "BROKEN NumpyBackend(device='cpu', dtype='float32'), tanh_vjp: ContractError" in said
