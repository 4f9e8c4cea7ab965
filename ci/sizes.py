"""The lengths of files and functions: medians for each folder, and a hard limit on both."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("xpnet", "backends", "examples", "ci", "tests")
FILE_LIMIT = 300  # lines
FUNCTION_LIMIT = 40  # lines of body, the docstring left out


@dataclass(frozen=True)
class Length:
    """How long one file or function is, and where it stands."""

    where: str
    lines: int


def python_files(folder: Path) -> list[Path]:
    """The folder's Python files, launchers without a suffix included."""
    scripts = (path for path in folder.rglob("*") if path.is_file() and not path.suffix and _is_python(path))
    return sorted([*folder.rglob("*.py"), *scripts])


def _is_python(path: Path) -> bool:
    with path.open("rb") as file:
        first = file.readline()
    return first.startswith(b"#!") and b"python" in first


def functions(path: Path) -> Iterator[Length]:
    """The body length of every function in the file, nested ones too."""
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
            lines = node.end_lineno - body[0].lineno + 1 if body and node.end_lineno else 0
            yield Length(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", lines)


def main() -> int:
    """Print the table and everything over a limit; 1 if something is."""
    too_long: list[str] = []
    print(f"{'folder':10} {'files':>5} {'median':>7} {'longest':>8} {'functions':>10} {'median':>7} {'longest':>8}")
    for folder in FOLDERS:
        paths = python_files(ROOT / folder)
        if not paths:
            continue
        files = [Length(str(path.relative_to(ROOT)), len(path.read_text().splitlines())) for path in paths]
        bodies = [length for path in paths for length in functions(path)]
        print(f"{folder:10} {_summary(files, 5)} {_summary(bodies, 10)}")
        too_long += _over(files, FILE_LIMIT) + _over(bodies, FUNCTION_LIMIT)
    print("\n".join(too_long) or f"no file over {FILE_LIMIT} lines, no function body over {FUNCTION_LIMIT}")
    return bool(too_long)


def _summary(lengths: list[Length], width: int) -> str:
    lines = [length.lines for length in lengths] or [0]
    return f"{len(lengths):{width}} {median(lines):7.0f} {max(lines):8}"


def _over(lengths: list[Length], limit: int) -> list[str]:
    return [f"too long: {each.where}: {each.lines} lines, limit {limit}" for each in lengths if each.lines > limit]


if __name__ == "__main__":
    sys.exit(main())
