"""CuPy (CUDA GPUs) as a backend of xpnet."""

import warnings

with warnings.catch_warnings():
    # Two CuPy wheels at once are an error, in one sentence, of the backend itself (probe.py).
    warnings.filterwarnings("ignore", r"\s*-*\s*CuPy may not function correctly", UserWarning)
    import cupy as _cupy  # noqa: F401

from xpnet_cupy.backend import CupyBackend

BACKEND = CupyBackend

__all__ = ["BACKEND", "CupyBackend"]
