"""Which functions are mutated, and how a running function is made to compute something else."""

import ast
import importlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import CodeType
from typing import Any

from mutation.operators import mutants
from xpnet.ops import REFERENCE

ROOT = Path(__file__).resolve().parent.parent.parent
PULLBACK = re.compile(r"(^|_)(vjp|curvature|slopes|bends|back|bprop|bbprop)(_|$)")


@dataclass(frozen=True)
class Target:
    """One function: where it is written, and the live object whose code is exchanged."""

    path: str
    name: str
    function: Any
    tree: ast.Module
    node: ast.FunctionDef

    def __str__(self) -> str:
        return f"{self.path}: {self.name}"


@dataclass(frozen=True)
class Mutant:
    """One wrong change of one target."""

    target: Target
    line: int
    change: str
    code: CodeType

    @property
    def key(self) -> str:
        """What the allow-list calls it: independent of line numbers."""
        return f"{self.target}: {self.change}"


def targets(only: str = "") -> list[Target]:
    """Every pullback and its helpers, every accelerated override, every accumulate; `only` filters by path."""
    found = [
        *_in_folder("xpnet/ops", "xpnet.ops", lambda name: is_pullback(name) or name == "sum_to"),
        *_in_folder("xpnet/modules", "xpnet.modules", is_pullback),
        *_in_folder("xpnet/machines", "xpnet.machines", is_pullback),
        *_in_folder("xpnet/losses", "xpnet.losses", lambda name: is_pullback(name) or name.endswith(".gap")),
        *_in_folder("xpnet", "xpnet", lambda name: name.startswith("State.accumulate")),
        *_in_folder("xpnet/parameters", "xpnet.parameters", lambda name: name == "Parameter.accumulate"),
        *_in_folder("backends/xpnet_numpy", "xpnet_numpy", lambda name: is_pullback(name) or _is_override(name)),
    ]
    for library in optional_backends():
        for file in ("overrides", "convolution"):
            found += _of_module(f"backends/xpnet_{library}/{file}.py", f"xpnet_{library}.{file}", _is_primitive)
    return [target for target in found if only in target.path]


def is_pullback(name: str) -> bool:
    """Whether a function, or a method Class.name, goes backward."""
    return bool(PULLBACK.search(name.rpartition(".")[2]))


def optional_backends() -> list[str]:
    """The backends whose overrides are mutated where their library is installed."""
    return [name for name in ("torch", "jax") if find_spec(name)]


def _is_primitive(name: str) -> bool:
    return name in REFERENCE


def _is_override(name: str) -> bool:
    return name in importlib.import_module("xpnet_numpy.overrides").OVERRIDES


def _in_folder(folder: str, package: str, wanted: Callable[[str], bool]) -> Iterator[Target]:
    for path in sorted((ROOT / folder).glob("*.py")):
        module = package if path.stem == "__init__" else f"{package}.{path.stem}"
        yield from _of_module(f"{folder}/{path.name}", module, wanted)


def _of_module(path: str, name: str, wanted: Callable[[str], bool]) -> Iterator[Target]:
    module, tree = importlib.import_module(name), ast.parse((ROOT / path).read_text(), path)
    for function, node in _functions(tree):
        if wanted(function) and not _is_abstract(node):
            yield Target(path, function, _attribute(module, function), tree, node)


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{each.name}", each) for each in node.body if isinstance(each, ast.FunctionDef))


def _is_abstract(node: ast.FunctionDef) -> bool:
    return any("abstractmethod" in ast.unparse(decorator) for decorator in node.decorator_list)


def _attribute(module: object, name: str) -> Any:
    for part in name.split("."):
        module = getattr(module, part)
    return module


def mutants_of(target: Target) -> Iterator[Mutant]:
    """Every mutant of the target, compiled."""
    for node, line, change in mutants(target.node):
        place = next(part for part in ast.walk(target.tree) if getattr(part, "body", None) and target.node in part.body)
        position = place.body.index(target.node)
        if "__class__" in target.function.__code__.co_freevars:  # of super(), which a mutant may have lost
            node.body.append(ast.fix_missing_locations(ast.Expr(ast.Name("__class__", ast.Load()))))
        place.body[position] = node
        try:
            code = _code_of(compile(target.tree, target.path, "exec"), target.name)
        finally:
            place.body[position] = target.node
        yield Mutant(target, line, change, code)


def _code_of(code: CodeType, name: str) -> CodeType:
    inner = [const for const in code.co_consts if isinstance(const, CodeType)]
    head, _, rest = name.partition(".")
    found = next(const for const in inner if const.co_name == head)
    return _code_of(found, rest) if rest else found


@contextmanager
def in_force(mutant: Mutant) -> Iterator[None]:
    """Within this block the function computes what the mutant says, wherever it is referred to."""
    function = mutant.target.function
    right, function.__code__ = function.__code__, mutant.code
    try:
        yield
    finally:
        function.__code__ = right
