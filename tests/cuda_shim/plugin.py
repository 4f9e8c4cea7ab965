"""The kernels and overrides of xpnet_cupy, also where CuPy is not installed: neither of them imports it."""

import importlib.util
import sys
from types import ModuleType


def _module(name):
    """A part of xpnet_cupy by its name, without running the package's own start, which needs CuPy."""
    alone = "xpnet_cupy" not in sys.modules
    if alone:
        package = ModuleType("xpnet_cupy")
        package.__path__ = list(importlib.util.find_spec("xpnet_cupy").submodule_search_locations)
        sys.modules["xpnet_cupy"] = package
    try:
        return importlib.import_module(f"xpnet_cupy.{name}")
    finally:
        if alone:
            del sys.modules["xpnet_cupy"]


kernels = _module("kernels")
overrides = _module("overrides")
