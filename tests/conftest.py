"""Backends for the tests, and oracles that may be missing.

`backend` sweeps NumPy, NumPy with leaves, the strict devices, and whatever XPNET_BACKEND names, so that
`XPNET_BACKEND=cupy pytest` runs every test that asks for it on CuPy too. It is also the backend in force.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

import xpnet as xn
from xpnet.errors import BackendUnavailable

# The same examples in every run, and no time limit per example: the machine may be busy.
settings.register_profile("xpnet", deadline=None, derandomize=True, database=None)
settings.load_profile("xpnet")


@dataclass(frozen=True)
class Place:
    """A backend to run a test on, and the store's layout there."""

    name: str
    device: str | None
    dtype: str
    layout: str = "auto"

    def __str__(self):
        return "-".join(filter(None, (self.name, self.device, self.dtype, self.layout.replace("auto", ""))))


PLACES = [
    Place("numpy", None, "float32"),
    Place("numpy", None, "float64"),
    Place("numpy", None, "float64", "leaf"),
    Place("strict", "CPU_DEVICE", "float64"),
    Place("strict", "device1", "float32"),
    Place("strict", "no_float64", "float32"),
    Place("torch", "cpu", "float32"),
    Place("torch", "cpu", "float64"),
]


def _named_by_the_environment():
    name = os.environ.get("XPNET_BACKEND", "")
    if name in ("", "numpy", "strict"):
        return []
    device = os.environ.get("XPNET_DEVICE") or None
    return [Place(name, device, "float32"), Place(name, device, "float64"), Place(name, device, "float64", "leaf")]


@pytest.fixture(params=[*PLACES, *_named_by_the_environment()], ids=str)
def backend(request, monkeypatch):
    """Each backend in turn, in force during the test."""
    place = request.param
    monkeypatch.setenv("XPNET_STORE", place.layout)
    try:
        found = xn.get_backend(place.name, device=place.device, dtype=place.dtype)
    except BackendUnavailable as error:
        pytest.skip(str(error))
    with xn.use_backend(found), found.device_scope():
        yield found


@pytest.fixture
def numpy64():
    """NumPy in float64, in force during the test: for closed forms and comparisons with other libraries."""
    with xn.use_backend("numpy", dtype="float64") as found:
        yield found


@pytest.fixture(params=["view", "leaf"])
def layout(request):
    """Both layouts of the parameter store."""
    return request.param


@pytest.fixture
def strict_devices():
    """The same library on two devices that refuse to mix."""
    return xn.get_backend("strict", device="device1"), xn.get_backend("strict", device="device2")


@pytest.fixture
def rng():
    """Host-side random numbers, the same in every run."""
    return np.random.default_rng(20250101)


@pytest.fixture
def tolerance(backend):
    """The relative error that this backend's dtype allows against a float64 oracle."""
    return 2e-6 if backend.dtype_name == "float32" else 1e-13


@pytest.fixture
def close(backend, tolerance):
    """close(array of the backend, float64 oracle): compares relative to the largest number of the oracle."""

    def check(got, wanted, factor=1.0):
        got, wanted = np.asarray(backend.to_numpy(got), np.float64), np.asarray(wanted, np.float64)
        assert got.shape == wanted.shape
        np.testing.assert_array_equal(np.isnan(got), np.isnan(wanted))
        finite = np.isfinite(wanted)
        np.testing.assert_array_equal(got[~finite], wanted[~finite])
        scale = max(np.max(np.abs(wanted[finite]), initial=0.0), 1e-300)
        error = np.max(np.abs(got[finite] - wanted[finite]), initial=0.0) / scale
        assert error <= factor * tolerance, f"relative error {error:.2e} > {factor * tolerance:.2e}\n{got}\n{wanted}"

    return check


@pytest.fixture(scope="session")
def torch():
    return pytest.importorskip("torch", reason="torch is not installed: its autograd is the oracle here")


@pytest.fixture(scope="session")
def jax():
    return pytest.importorskip("jax", reason="jax is not installed: its autodiff is the oracle here")


@pytest.fixture(scope="session")
def special():
    return pytest.importorskip("scipy.special", reason="scipy is not installed: its functions are the oracle here")


@pytest.fixture(scope="session")
def data_folder():
    """The folder with real data sets."""
    folder = os.environ.get("XPNET_DATA", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("XPNET_DATA names no folder: real data sets are not at hand")
    return Path(folder)
