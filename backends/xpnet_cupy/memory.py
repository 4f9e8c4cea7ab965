"""CuPy's pool of device memory: what it holds, how much it may hold, and giving back. All on the current device."""

import os
import re

import cupy

from xpnet.backend import SETTINGS
from xpnet.errors import RecipeError

UNITS = {"": 1, "B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def memory_stats() -> dict[str, int]:
    """Bytes used by arrays and held by CuPy's pool, free and total on the device; the pool's limit, 0 for none."""
    pool = cupy.get_default_memory_pool()
    free, total = cupy.cuda.runtime.memGetInfo()
    used, held, limit = pool.used_bytes(), pool.total_bytes(), pool.get_limit()
    return {"used": used, "held": held, "free": free, "total": total, "limit": limit}


def limit_memory(limit: int | str | None) -> None:
    """Let the pool hold at most so much: bytes, "8 GiB", or "50%" of the device; None or 0 for no limit."""
    pool = cupy.get_default_memory_pool()
    size, fraction = parsed(limit or 0)
    if fraction is None:
        pool.set_limit(size=size)
    else:
        pool.set_limit(fraction=fraction)


def release_memory() -> None:
    """Give the blocks that no array uses back to the device and to the host."""
    cupy.get_default_memory_pool().free_all_blocks()
    cupy.get_default_pinned_memory_pool().free_all_blocks()


def limit_in_force() -> str:
    """The setting XPNET_MEMORY_LIMIT; empty to leave the pool as it is."""
    entry = SETTINGS.get("memory_limit")
    return os.environ.get("XPNET_MEMORY_LIMIT", "").strip() if entry is None else entry.read()[0]


def parsed(limit: int | str) -> tuple[int | None, float | None]:
    """A limit as (bytes, None) or as (None, fraction of the device); RecipeError for anything else.

    >>> parsed("8 GiB"), parsed("50%"), parsed(4096)
    ((8589934592, None), (None, 0.5), (4096, None))
    """
    match = re.fullmatch(r"(\d+(?:\.\d*)?) ?(%|[A-Za-z]*)", str(limit).strip())
    if match and match[2] == "%" and float(match[1]) <= 100:
        return None, float(match[1]) / 100
    if match and match[2] in UNITS:
        return int(float(match[1]) * UNITS[match[2]]), None
    msg = f'a memory limit is bytes, a text such as "8 GiB", or at most "100%"; got {limit!r}'
    raise RecipeError(msg)


def words_of(count: int) -> str:
    """Bytes for people.

    >>> words_of(3 * 2**29), words_of(12)
    ('1.5 GiB', '12 B')
    """
    unit = next((unit for unit in ("GiB", "MiB", "KiB") if count >= UNITS[unit]), "B")
    return f"{count / UNITS[unit]:.4g} {unit}"
