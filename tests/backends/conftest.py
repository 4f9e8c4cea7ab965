"""A stand-in for CuPy over NumPy, so that every branch of the CuPy backend runs without a GPU.

It keeps the three habits of CuPy that the backend must cope with: arrays are created on the *current* device,
asarray leaves an array of another device where it is, and copy() copies to the current device.
"""

import importlib
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from array_api_compat import numpy as compat

PLUGIN = ("xpnet_cupy", "xpnet_cupy.backend", "xpnet_cupy.namespace", "xpnet_cupy.overrides", "xpnet_cupy.probe")

CREATORS = (
    "arange", "empty", "eye", "full", "linspace", "ones", "zeros", "empty_like", "full_like", "ones_like", "zeros_like",
)  # fmt: skip


class FakeDevice:
    """A CUDA device: a number, and a context that makes it the current one."""

    current = 0

    def __init__(self, device=None):
        self.id = FakeDevice.current if device is None else int(device)
        self.synchronized = 0

    def __int__(self):
        return self.id

    def __eq__(self, other):
        return isinstance(other, FakeDevice) and self.id == other.id

    def __hash__(self):
        return self.id

    def __str__(self):
        return f"<CUDA Device {self.id}>"

    def __enter__(self):
        self.before, FakeDevice.current = FakeDevice.current, self.id
        return self

    def __exit__(self, *_):
        FakeDevice.current = self.before

    def synchronize(self):
        self.synchronized += 1


class FakeArray(np.ndarray):
    """A CUDA array: new ones stand on the current device, views where their base stands."""

    def __array_finalize__(self, base):
        self._device = getattr(base, "_device", None) or FakeDevice()

    @property
    def device(self):
        return self._device

    def copy(self, order="C"):
        return _on_current(np.array(self, order=order))


class FakeCudaError(RuntimeError):
    """CUDARuntimeError: a number and a text."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


def _on_current(x):
    made = np.asarray(x).view(FakeArray)
    made._device = FakeDevice()
    return made


def _creates(function):
    return lambda *args, device=None, **options: _on_current(function(*args, **options))


def _asarray(x, dtype=None, device=None, copy=None):
    with FakeDevice(device):
        if isinstance(x, FakeArray) and dtype in (None, x.dtype):
            return x
        return _on_current(np.array(x, dtype=dtype))


def _fake_cuda():
    runtime = SimpleNamespace(
        CUDARuntimeError=FakeCudaError,
        driverGetVersion=lambda: 13000,
        runtimeGetVersion=lambda: 13020,
        getDeviceCount=lambda: 2,
        memGetInfo=lambda: (60, 80),
    )
    return SimpleNamespace(Device=FakeDevice, runtime=runtime)


@pytest.fixture
def fake_cupy(monkeypatch):
    """The stand-in, installed as `cupy`; tests change its attributes to play what may be wrong."""
    fake, namespace = ModuleType("cupy"), ModuleType("array_api_compat.cupy")
    vars(namespace).update({name: getattr(compat, name) for name in dir(compat) if not name.startswith("__")})
    vars(namespace).update({name: _creates(getattr(np, name)) for name in CREATORS} | {"asarray": _asarray})
    pool = SimpleNamespace(used_bytes=lambda: 10, total_bytes=lambda: 20)
    vars(fake).update(
        __version__="14.2.0",
        ndarray=FakeArray,
        float32=np.float32,
        ones=_creates(np.ones),
        matmul=np.matmul,
        asnumpy=lambda x: np.array(x),
        cuda=_fake_cuda(),
        get_default_memory_pool=lambda: pool,
    )
    monkeypatch.setattr(FakeDevice, "current", 0)
    monkeypatch.setitem(sys.modules, "cupy", fake)
    monkeypatch.setitem(sys.modules, "array_api_compat.cupy", namespace)
    monkeypatch.setattr(sys.modules["array_api_compat"], "cupy", namespace, raising=False)
    _forget_plugin(monkeypatch)
    return fake


@pytest.fixture
def cupy_backend(fake_cupy):
    """The backend's class, imported afresh over the stand-in."""
    return importlib.import_module("xpnet_cupy").BACKEND


@pytest.fixture
def no_cupy(monkeypatch):
    """A machine on which CuPy is not installed."""
    monkeypatch.setitem(sys.modules, "cupy", None)
    _forget_plugin(monkeypatch)


def _forget_plugin(monkeypatch):
    # Set before deleting, so that monkeypatch's undo removes what the test imported in the meantime.
    for name in PLUGIN:
        monkeypatch.setitem(sys.modules, name, None)
        del sys.modules[name]
