"""The list of names is what the source says, and every function on it has a probe."""

import ast
from pathlib import Path

import array_api_strict
import numpy as np
import pytest
from broken_backends import sound

import xpnet
from xpnet.testing.backend_names import CONSTANTS, FUNCTIONS, NAMES
from xpnet.testing.backend_probes import FACTS, PROBES, given

SOURCE = Path(xpnet.__file__).parent


def _taken_from_namespaces(text):
    """Every name in `xp.<name>`, also of `self.xp` and `backend.xp`, and of `getattr(xp, "<name>")`."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute):
            owner = getattr(node.value, "attr", getattr(node.value, "id", ""))
            if owner == "xp":
                yield node.attr
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "getattr":
            owner = getattr(node.args[0], "attr", getattr(node.args[0], "id", ""))
            if owner == "xp" and isinstance(node.args[1], ast.Constant):
                yield node.args[1].value


def test_the_names_are_those_of_the_source():
    files = [path for path in SOURCE.rglob("*.py") if "testing" not in path.parts]
    taken = {name for path in files for name in _taken_from_namespaces(path.read_text(encoding="utf-8"))}
    assert {name for name in taken if not name.startswith("__")} == set(NAMES), (
        "correct xpnet/testing/backend_names.py, and add a probe of each new function"
    )


def test_the_reader_of_the_source_sees_every_form():
    text = "xp.one(self.xp.two, backend.xp.three); getattr(xp, 'four'); np.no; x.yes; xp.one.no"
    assert set(_taken_from_namespaces(text)) == {"one", "two", "three", "four"}


def test_each_is_of_the_standard():
    array_api_strict.set_array_api_strict_flags(api_version="2024.12")
    assert [name for name in NAMES if not hasattr(array_api_strict, name)] == []


def test_every_function_is_tried():
    assert set(FUNCTIONS) == PROBES.keys() | FACTS.keys()
    assert not set(CONSTANTS) & set(FUNCTIONS)
    assert list(NAMES) == [*sorted(CONSTANTS), *sorted(FUNCTIONS)]


@pytest.mark.parametrize("name", sorted(PROBES))
def test_a_probe_calls_its_function(name):
    class Counting:
        def __init__(self, xp):
            self.xp, self.taken = xp, []

        def __getattr__(self, name):
            self.taken.append(name)
            return getattr(self.xp, name)

    backend = sound(dtype="float64")
    for probe in PROBES[name]:
        counting = Counting(backend.xp)
        with np.errstate(all="ignore"):
            probe(counting, given(backend))
        assert name in counting.taken or name == "matmul"
