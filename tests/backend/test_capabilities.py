"""What a library can do is found by trying and looking at the values, not by asking."""

from types import SimpleNamespace

import array_api_compat.numpy as xp
import numpy as np

from xpnet.backend import Backend, Capabilities
from xpnet.backend.capabilities import probe


class FakeBackend(Backend):
    """NumPy whose arrays are of the class given."""

    name = "fake"

    def __init__(self, kind, **changes):
        self.kind, functions = kind, {name: getattr(xp, name) for name in dir(xp) if not name.startswith("__")}
        functions |= {"asarray": lambda x, **_: np.asarray(x).view(kind), **changes}
        super().__init__(SimpleNamespace(**functions), None, "float32")

    def parse_device(self, device):
        return "cpu"

    def to_numpy(self, x):
        return np.array(x, copy=True, subok=False)

    def synchronize(self):
        pass

    def zeros(self, shape):
        return np.zeros(shape, self.dtype).view(self.kind)

    def ones(self, shape):
        return np.ones(shape, self.dtype).view(self.kind)


class CopiesSlices(np.ndarray):
    """A slice is a copy, and a write into one is lost without an error."""

    def __getitem__(self, key):
        return super().__getitem__(key).copy()

    def __setitem__(self, key, value):
        self.view(np.ndarray)[key] = value


class LosesWrites(np.ndarray):
    """Writes raise nothing and do nothing."""

    def __setitem__(self, key, value):
        pass


class ReadOnly(np.ndarray):
    """Arrays that cannot be written, such as JAX's."""

    def __setitem__(self, key, value):
        msg = "arrays are immutable"
        raise TypeError(msg)


def test_real_backends(backend):
    assert backend.capabilities.views
    assert backend.capabilities.inplace
    assert backend.capabilities.float64 == (backend.device_name != "no_float64")


def test_plain_arrays_have_it_all():
    assert FakeBackend(np.ndarray).capabilities == Capabilities(views=True, inplace=True, float64=True)


def test_slices_that_are_copies_are_found_out():
    assert FakeBackend(CopiesSlices).capabilities == Capabilities(views=False, inplace=True, float64=True)


def test_a_reshape_that_copies_is_found_out():
    fake = FakeBackend(np.ndarray, reshape=lambda x, shape: np.reshape(x, shape).copy())
    assert not fake.capabilities.views


def test_writes_that_are_lost_or_refused_are_found_out():
    for kind in (LosesWrites, ReadOnly):
        capabilities = FakeBackend(kind).capabilities
        assert not capabilities.inplace
        assert not capabilities.views


def test_float64_that_is_quietly_float32_is_found_out():
    def quietly_float32(x, dtype=None, **_):
        return np.asarray(x, np.float32)

    assert not FakeBackend(np.ndarray, asarray=quietly_float32).capabilities.float64
    assert not probe(FakeBackend(np.ndarray, float64=None, asarray=None)).float64
