"""Accelerated primitives for CuPy: none yet.

An override belongs here once a GPU has shown two things: the conformance kit passes with it, and it is faster
than the reference. Until then every primitive runs as its reference, CuPy kernel by CuPy kernel.
"""

from xpnet._typing import Overrides

OVERRIDES: Overrides = {}
