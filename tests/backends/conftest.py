"""The CuPy backend over the stand-in, or on a GPU where there is one."""

import importlib
import importlib.util
import sys
from functools import cache
from pathlib import Path

import cupy_stand_in
import pytest

from xpnet.backend import load_backend
from xpnet.errors import BackendUnavailable


@pytest.fixture
def fake_cupy(monkeypatch):
    """The stand-in, installed as `cupy`; tests change its attributes to play what may be wrong."""
    fake = cupy_stand_in.install(monkeypatch)
    _forget_plugin(monkeypatch)
    return fake


@pytest.fixture
def cupy_backend(fake_cupy):
    """The backend's class, imported afresh over the stand-in."""
    return importlib.import_module("xpnet_cupy").BACKEND


@pytest.fixture
def plugin(cupy_backend):
    """plugin("memory") is that module of the backend over the stand-in."""
    return lambda name: importlib.import_module(f"xpnet_cupy.{name}")


@pytest.fixture
def cuda_backend(request):
    """The backend's class on a GPU; where there is none, over the stand-in."""
    return load_backend("cupy") if on_gpu() else request.getfixturevalue("cupy_backend")


@pytest.fixture
def no_cupy(monkeypatch):
    """A machine on which CuPy is not installed."""
    monkeypatch.setitem(sys.modules, "cupy", None)
    _forget_plugin(monkeypatch)


@cache
def on_gpu():
    """Whether the real CuPy can run here."""
    try:
        load_backend("cupy")()
    except BackendUnavailable:
        return False
    return True


def _forget_plugin(monkeypatch):
    # Set before deleting, so that monkeypatch's undo removes what the test imported in the meantime.
    folder = Path(importlib.util.find_spec("xpnet_numpy").origin).parent.parent / "xpnet_cupy"
    files = (path.relative_to(folder.parent).with_suffix("") for path in folder.rglob("*.py"))
    for name in sorted({".".join(path.parts).removesuffix(".__init__") for path in files}):
        monkeypatch.setitem(sys.modules, name, None)
        del sys.modules[name]
