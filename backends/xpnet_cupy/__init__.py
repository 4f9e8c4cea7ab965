"""CuPy (CUDA GPUs) as a backend of xpnet."""

from xpnet_cupy.backend import CupyBackend

BACKEND = CupyBackend

__all__ = ["BACKEND", "CupyBackend"]
