"""The kernels' texts, and what each kernel takes: read from the texts themselves."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as resources

REALS = {"float32": "float", "float64": "double"}
KINDS = ("const real*", "real*", "const long long*", "long long*", "long long", "real")
_HEAD = re.compile(r'extern "C" __global__ void (?P<name>\w+)\((?P<parameters>[^)]*)\)')
_INCLUDED = re.compile(r'^#include "(?P<file>\w+\.cuh)"$', re.MULTILINE)
_PARAMETER = re.compile(r"(?P<kind>.*\S)\s+(?P<name>\w+)", re.DOTALL)


@dataclass(frozen=True)
class Kernel:
    """One kernel: its name, the file it stands in, and for each parameter its kind (one of KINDS) and name."""

    name: str
    file: str
    parameters: tuple[tuple[str, str], ...]


def files() -> list[str]:
    """The names of all files that hold kernels.

    >>> "tanh.cu" in files()
    True
    """
    return sorted(path.name for path in resources(__package__).iterdir() if path.name.endswith(".cu"))


@cache
def text(file: str) -> str:
    """What stands in one file."""
    return resources(__package__).joinpath(file).read_text(encoding="utf-8")


def program(text: str, dtype: str) -> str:
    """A kernel file's text as one self-contained program for float32 or float64: what it includes is put in place."""
    return f"typedef {REALS[dtype]} real;\n{_prelude()}\n{_INCLUDED.sub(_included, text)}"


def kernels_in(file: str, text: str) -> Iterator[Kernel]:
    """The kernels that a text defines.

    >>> [kernel] = kernels_in("x.cu", 'extern "C" __global__ void f(const real* x, real* y, long long count) {}')
    >>> kernel.parameters
    (('const real*', 'x'), ('real*', 'y'), ('long long', 'count'))
    """
    for head in _HEAD.finditer(text):
        yield Kernel(head["name"], file, tuple(map(_parameter, head["parameters"].split(","))))


def _prelude() -> str:
    return text("prelude.cuh")


def _included(line: re.Match[str]) -> str:
    return text(line["file"])


def _parameter(declaration: str) -> tuple[str, str]:
    found = _PARAMETER.fullmatch(declaration.strip())
    kind = " ".join(found["kind"].split()) if found else ""
    if found is None or kind not in KINDS:
        msg = f"a kernel's parameter is one of {', '.join(KINDS)} and a name; got {declaration.strip()!r}"
        raise ValueError(msg)
    return kind, found["name"]


KERNELS: dict[str, Kernel] = {kernel.name: kernel for file in files() for kernel in kernels_in(file, text(file))}
