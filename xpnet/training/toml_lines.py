"""Which line of a TOML text a key stands on; `tomllib` reads values without their places."""

import re

_HEADER = re.compile(r"^\s*\[+\s*([A-Za-z0-9_.\-]+)\s*\]+")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-]+)\s*=")
_INLINE = re.compile(r"^\s*\{")


def line_of(text: str, place: tuple[int | str, ...]) -> int | None:
    """The line (from 1) of the deepest part of `place` that stands on a line of its own; None when none does.

    >>> line_of("[training]\\nepochs = 3\\nbatch = 4", ("training", "batch"))
    3
    >>> line_of("[machine]\\nmodules = [\\n  { module = 'A' },\\n  { module = 'B' },\\n]", ("machine", "modules", 1))
    4
    """
    found = _index(text)
    for length in range(len(place), 0, -1):
        line = found.get(tuple(str(part) for part in place[:length]))
        if line is not None:
            return line
    return None


def _index(text: str) -> dict[tuple[str, ...], int]:
    lines: dict[tuple[str, ...], int] = {}
    section: tuple[str, ...] = ()
    array: tuple[str, ...] = ()
    counts: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            section = tuple(header[1].split("."))
            if line.lstrip().startswith("[["):
                section = _next(section, counts)
            lines.setdefault(section, number)
        elif key := _KEY.match(line):
            array = (*section, key[1])
            lines.setdefault(array, number)
        elif array and _INLINE.match(line):
            lines.setdefault(_next(array, counts), number)
    return lines


def _next(array: tuple[str, ...], counts: dict[tuple[str, ...], int]) -> tuple[str, ...]:
    position = counts.get(array, 0)
    counts[array] = position + 1
    return (*array, str(position))
