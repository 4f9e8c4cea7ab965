"""How much memory energies may take, and how many labels at a time that makes."""

import re

from xpnet.errors import RecipeError
from xpnet.state import State

UNITS = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def bytes_of(memory: int | str) -> int:
    """A number of bytes from itself or from a text; RecipeError for anything else.

    >>> bytes_of("1.5 GiB"), bytes_of(4096)
    (1610612736, 4096)
    """
    if isinstance(memory, str):
        match = re.fullmatch(r"(\d+(?:\.\d*)?) ?([A-Za-z]+)", memory.strip())
        if match and match[2] in UNITS:
            return int(float(match[1]) * UNITS[match[2]])
    elif isinstance(memory, int) and not isinstance(memory, bool) and memory > 0:
        return memory
    msg = f'memory is a number of bytes, or a text such as "512 MiB"; got {memory!r} (units: {", ".join(UNITS)})'
    raise RecipeError(msg)


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
    return (0 if state.x is None else int(state.x.size)) + sum(map(numbers_in, inside))
