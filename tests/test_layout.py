"""The shape of the project: tests mirror sources, `__all__` is exact and documented, importing costs nothing."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import xpnet

TESTS = Path(__file__).resolve().parent
SOURCE = Path(xpnet.__file__).parent
HEAVY = {
    "numpy", "cupy", "torch", "jax", "scipy", "numba", "array_api_compat", "array_api_strict", "sklearn",
    "matplotlib", "pydantic", "typer", "rich", "safetensors",
}  # fmt: skip
IMPORT_LIMIT = 0.1  # seconds on top of the interpreter and the standard library

# Sources without a test file of their own, and the test file that runs them.
TESTED_ELSEWHERE = {
    "testing/ops_arguments": "testing/test_conformance",
    "testing/ops_cases": "testing/test_conformance",
    "testing/ops_cases_composites": "testing/test_conformance",
    "testing/ops_cases_rbf": "testing/test_conformance",
    "testing/ops_cases_updates": "testing/test_conformance",
    "testing/ops_draw": "testing/test_conformance",
    "testing/ops_report": "testing/test_conformance",
    "testing/clauses": "testing/test_contract",
    "testing/oracle": "testing/test_contract",
    "testing/trial": "testing/test_contract",
}
# Test files (without "test_") that mirror no single source file, and what they are about.
CROSS_CUTTING = {
    "readme": "what README shows, run",
    "docs": "what the pages in docs/ show, run",
    "training/capture_guards": "what captured steps must not remember, and what they must notice",
    "data/sources": "every source that a recipe may name",
    "training/across_backends": "learning that goes on with another backend",
    "training/simple_trainer_errors": "bad input to the simple trainer, error by error",
    "training/sequence_trainer_errors": "bad input to the trainer over label sequences, error by error",
    "layout": "the project's shape",
    "backends/plugin": "the backend of backends/README.md, in a distribution of its own",
    "contract": "every module against every clause of the contract",
    "lecture": "the lecture's own numbers",
    "parameters/tied_tables": "sparse tables that are tied, taken over or measured",
    "inference/hard_numbers": "label sets far out, partly absent, or of unusual shape",
    "extreme_energies": "all that takes energies, where they are huge or forbidden",
    "published_bugs": "bugs of earlier systems, none of which may come back",
    "examples": "what examples/ prints",
    "machines/random_dags": "machines of random topology against other libraries' automatic differentiation",
}


def _has_code(path):
    return any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in ast.parse(path.read_text()).body)


def _sources():
    files = (path.relative_to(SOURCE).with_suffix("") for path in SOURCE.rglob("*.py") if _has_code(path))
    return {str(path.parent if path.name == "__init__" else path) for path in files} - {"."}


def _tests():
    files = (path.relative_to(TESTS).with_suffix("") for path in TESTS.rglob("test_*.py"))
    return {str(path.with_name(path.name.removeprefix("test_"))) for path in files}


def test_every_source_file_has_its_test_file():
    missing = _sources() - _tests() - TESTED_ELSEWHERE.keys()
    assert not missing, f"write tests/<folder>/test_<file>.py for {sorted(missing)}"


def test_every_test_file_mirrors_a_source_file():
    mirrored = _tests() - _sources() - CROSS_CUTTING.keys()
    strays = {name for name in mirrored if not name.startswith(("ci/", "backends/"))}
    assert not strays, f"no source file for {sorted(strays)}; rename them, or say in CROSS_CUTTING what they are about"


def test_exceptions_are_still_needed():
    assert TESTED_ELSEWHERE.keys() <= _sources()
    assert not TESTED_ELSEWHERE.keys() & _tests()
    assert all((TESTS / f"{name}.py").exists() for name in TESTED_ELSEWHERE.values())


def test_all_lists_exactly_the_public_names():
    declared = {
        alias.asname
        for node in ast.walk(ast.parse((SOURCE / "__init__.py").read_text()))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }
    assert set(xpnet.__all__) == declared | {"__version__"}
    assert list(xpnet.__all__) == sorted(set(xpnet.__all__))


@pytest.mark.parametrize("name", sorted(set(xpnet.__all__) - {"__version__"}))
def test_every_public_name_loads_and_is_documented(name):
    value = getattr(xpnet, name)
    assert len((inspect.getdoc(value) or "").split()) >= 5


def test_an_unknown_name_suggests_the_nearest():
    with pytest.raises(AttributeError, match=r"no attribute 'Linaer'; did you mean 'Linear'\?"):
        _ = xpnet.Linaer


def _python(code, tmp_path):
    return subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True).stdout


def test_import_loads_no_array_library_and_no_tool(tmp_path):
    loaded = _python("import sys, xpnet; print(*{name.partition('.')[0] for name in sys.modules})", tmp_path).split()
    assert "xpnet" in loaded
    assert not HEAVY & set(loaded)


def test_import_is_light(tmp_path):
    code = "from time import perf_counter as now; start = now(); import xpnet; print(now() - start)"
    # What else the machine does only adds time: the fastest of several is the import's own.
    assert min(float(_python(code, tmp_path)) for _ in range(7)) < IMPORT_LIMIT


def _can_fail(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Assert):
            return True
        called = node.func if isinstance(node, ast.Call) else None
        name = getattr(called, "attr", getattr(called, "id", ""))
        if name in ("raises", "warns", "close") or name.startswith(("assert_", "check_")):
            return True
    return False


@pytest.mark.parametrize("path", sorted(TESTS.rglob("test_*.py")), ids=lambda path: str(path.relative_to(TESTS)))
def test_every_test_file_can_fail(path):
    assert _can_fail(path)


def test_another_librarys_word_leads_to_ours():
    with pytest.raises(AttributeError, match="no attribute 'Sequential'; xpnet calls it Cascade"):
        _ = xpnet.Sequential
    assert set(vars(xpnet)["_ELSEWHERE"].values()) <= set(xpnet.__all__)
