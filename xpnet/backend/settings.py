"""The environment variables of xpnet: read at first use, never at import."""

import os
from dataclasses import dataclass

from xpnet.errors import RecipeError, nearest

ON_OFF_AUTO = ("auto", "on", "off")
PRECISIONS = ("full", "tf32", "float16", "bfloat16")


@dataclass(frozen=True)
class Setting:
    """One environment variable: its name, its default and what it decides."""

    variable: str
    default: str
    meaning: str
    choices: tuple[str, ...] = ()

    def read(self) -> tuple[str, str]:
        """The value in force and where it came from: `(value, "environment" | "default")`."""
        value = os.environ.get(self.variable, "").strip()
        if not value:
            return self.default, "default"
        if self.choices and value not in self.choices:
            msg = f"{self.variable}={value!r} is not possible; {nearest(value, self.choices)}"
            raise RecipeError(msg)
        return value, "environment"


SETTINGS = {
    entry.variable.removeprefix("XPNET_").lower(): entry
    for entry in (
        Setting("XPNET_BACKEND", "numpy", "array library: numpy, cupy, torch, jax, strict, auto or a plugin's name"),
        Setting("XPNET_DEVICE", "", "device of that library, e.g. cuda:1; empty: the library's default"),
        Setting("XPNET_DTYPE", "float32", "real dtype of parameters and states", ("float32", "float64")),
        Setting("XPNET_ACCEL", "on", "accelerated overrides of primitives; off: reference only", ("on", "off")),
        Setting("XPNET_PRECISION", "full", "of float32 products; what is below full is summed in float32", PRECISIONS),
        Setting("XPNET_DETERMINISTIC", "off", "on: only kernels that give the same bits every time", ("off", "on")),
        Setting("XPNET_MEMORY_LIMIT", "", "most that CuPy's memory pool may hold, e.g. 8 GiB or 50%; empty: no limit"),
        Setting("XPNET_CAPTURE", "auto", "compiled training steps; auto: where the backend gains by it", ON_OFF_AUTO),
        Setting("XPNET_STORE", "auto", "parameters as views of one vector, or as leaves", ("auto", "view", "leaf")),
        Setting("XPNET_DATA", "", "folder with the data sets that recipes name"),
        Setting("XPNET_PROGRESS", "auto", "progress bars; auto: only on a terminal", ON_OFF_AUTO),
    )
}


def setting(name: str) -> str:
    """The value in force of the setting `name` (lower case, without the prefix).

    >>> setting("dtype") in ("float32", "float64")
    True
    """
    return SETTINGS[name].read()[0]
