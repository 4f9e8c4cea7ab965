"""How much memory energies may take, and how many labels at a time that makes."""

import re
from math import prod
from numbers import Integral

from xpnet.errors import RecipeError
from xpnet.state import State

UNITS = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def bytes_of(memory: object) -> int:
    """A number of bytes from itself or from a text; RecipeError for anything else.

    >>> bytes_of("1.5 GiB"), bytes_of(4096)
    (1610612736, 4096)
    """
    count = _count(memory)
    if count > 0:
        return count
    units = ", ".join(UNITS)
    msg = f'memory is a number of bytes above 0, or a text such as "512 MiB"; got {memory!r} (units: {units})'
    raise RecipeError(msg)


def _count(memory: object) -> int:
    if isinstance(memory, str):
        match = re.fullmatch(r"(\d+(?:\.\d*)?) ?([A-Za-z]+)", memory.strip())
        return int(float(match[1]) * UNITS[match[2]]) if match and match[2] in UNITS else 0
    if isinstance(memory, bool) or not isinstance(memory, Integral):
        return 0
    return int(memory)


def words_of(count: int) -> str:
    """Bytes for people.

    >>> words_of(3 * 2**29)
    '1.5 GiB'
    """
    unit = next((unit for unit in ("GiB", "MiB", "KiB") if count >= UNITS[unit]), "B")
    return f"{count / UNITS[unit]:.4g} {unit}"


def tile_size(memory: int, per_label: int, n_labels: int) -> int:
    """How many labels at a time fit into the memory, at least one.

    >>> tile_size(1000, 300, 10), tile_size(1000, 3000, 10), tile_size(1000, 3, 10)
    (3, 1, 10)
    """
    return max(min(memory // max(per_label, 1), n_labels), 1)


def numbers_in(state: State) -> int:
    """How many numbers a wire holds, with all wires inside the machine that drove it."""
    inside = state.inner if isinstance(state.inner, list) else []
    return (0 if state.x is None else prod(state.x.shape)) + sum(map(numbers_in, inside))
