"""Whether Numba is at hand: asked once, when something large enough to be worth its start comes for the first time."""

from functools import cache
from importlib import import_module
from typing import Any

NUMBERS = 1 << 21  # so many scores and components of codes are worth it


def kernels(numbers: int, char: str) -> Any:
    """The module of compiled kernels, or None for few numbers, float64, or without a Numba that works."""
    return _compiled()[0] if numbers >= NUMBERS and char == "f" else None


def told() -> str:
    """One sentence for `xpnet doctor`."""
    return _compiled()[1]


@cache
def _compiled() -> tuple[Any, str]:
    try:
        numba = import_module("numba")
        if numba.config.DISABLE_JIT:
            return None, f"numba {numba.__version__} is installed, but NUMBA_DISABLE_JIT turns it off"
        module = import_module("xpnet_numpy.label_tiles_fast")
        module.prove()
    except ImportError:
        return None, "numba is not installed; NumPy alone is used (pip install 'xpnet[fast]')"
    except Exception as error:  # a compiler may fail in any way; NumPy alone is right as well
        return None, f"numba cannot be used, NumPy alone is: {type(error).__name__}: {error}"
    return module, f"numba {numba.__version__} is used for large label sets"
