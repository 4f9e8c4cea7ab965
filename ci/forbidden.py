"""Refuse ways of running data as code: pickle and its kin, eval and exec, NumPy's allow_pickle.

Files that come from elsewhere (checkpoints, samples, recipes) are read by formats that cannot hold code.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("xpnet", "backends", "examples", "ci")
MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
CALLS = {"eval", "exec"}


def offences(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and description of everything in the tree that is forbidden."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, f"import {name.name}") for name in node.names if _root(name.name) in MODULES)
        elif isinstance(node, ast.ImportFrom) and _root(node.module or "") in MODULES:
            yield node.lineno, f"from {node.module} import ..."
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            yield node.lineno, f"{node.func.id}(...)"
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle" and ast.unparse(node.value) != "False":
            yield node.value.lineno, f"allow_pickle={ast.unparse(node.value)}"


def _root(module: str) -> str:
    return module.partition(".")[0]


def main() -> int:
    """Print every offence with its place; 1 if there is one."""
    files = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    found = [
        f"{path.relative_to(ROOT)}:{line}: {what}"
        for path in files
        for line, what in offences(ast.parse(path.read_text(), str(path)))
    ]
    print("\n".join(found) or f"{len(files)} files: no pickle, eval or exec")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
