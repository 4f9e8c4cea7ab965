"""Which backend is in force, and what happens when it cannot be."""

import logging
from importlib.metadata import EntryPoint

import array_api_compat.numpy as xp
import numpy as np
import pytest

import xpnet as xn
from xpnet.backend import Backend, load_backend, registry
from xpnet.errors import BackendError, BackendUnavailable
from xpnet.ops import resolve


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    """No setting from outside, and nothing remembered from or for other tests."""
    for name in ("BACKEND", "DEVICE", "DTYPE", "ACCEL"):
        monkeypatch.delenv(f"XPNET_{name}", raising=False)
    registry._build.cache_clear()
    yield
    registry._build.cache_clear()
    registry._installed.cache_clear()


class PluginBackend(Backend):
    """What a third party writes: a name, a namespace, devices, and the way to the host."""

    name = "plugin"

    def __init__(self, device=None, dtype="float32"):
        super().__init__(xp, device, dtype)
        self.ops = resolve(xp)

    def parse_device(self, device):
        return "cpu"

    def to_numpy(self, x):
        return np.asarray(x)

    def synchronize(self):
        pass


class BrokenBackend(PluginBackend):
    def __init__(self, device=None, dtype="float32"):
        msg = "backend 'cupy' cannot run here: no CUDA device is visible; check nvidia-smi"
        raise BackendUnavailable(msg)


@pytest.fixture
def installed(monkeypatch):
    """A function that installs entry points beside the real ones."""

    def install(**values):
        real = [entry for entry in registry.entry_points(group=registry.GROUP) if entry.name not in values]
        entries = [*real, *(EntryPoint(name, value, registry.GROUP) for name, value in values.items())]
        monkeypatch.setattr(registry, "entry_points", lambda group: entries)
        registry._installed.cache_clear()

    return install


def described(backend):
    return backend.name, backend.device_name, backend.dtype_name


def test_the_default_is_numpy_in_float32():
    assert described(xn.get_backend()) == ("numpy", "cpu", "float32")
    assert xn.get_backend() is xn.get_backend("numpy", dtype="float32")


def test_argument_beats_block_beats_environment_beats_default(monkeypatch):
    monkeypatch.setenv("XPNET_BACKEND", "strict")
    monkeypatch.setenv("XPNET_DEVICE", "device1")
    monkeypatch.setenv("XPNET_DTYPE", "float64")
    assert described(xn.get_backend()) == ("strict", "device1", "float64")
    assert described(xn.get_backend("numpy")) == ("numpy", "cpu", "float64")  # a device belongs to its backend
    with xn.use_backend("strict", device="device2", dtype="float32") as block:
        assert xn.get_backend() is block
        assert described(xn.get_backend()) == ("strict", "device2", "float32")
        assert described(xn.get_backend(dtype="float64")) == ("strict", "device2", "float64")
        assert described(xn.get_backend(device="CPU_DEVICE")) == ("strict", "CPU_DEVICE", "float32")
        assert described(xn.get_backend("numpy", dtype="float32")) == ("numpy", "cpu", "float32")
        with xn.use_backend("numpy"):
            assert xn.get_backend().name == "numpy"
        assert xn.get_backend() is block
    assert described(xn.get_backend()) == ("strict", "device1", "float64")


def test_a_block_ends_with_an_error_too():
    with pytest.raises(RuntimeError), xn.use_backend("strict"):
        raise RuntimeError
    assert xn.get_backend().name == "numpy"


def test_an_unknown_backend_suggests_the_nearest_and_mentions_installation(monkeypatch):
    with pytest.raises(BackendError, match=r"unknown backend 'nunpy'; did you mean 'numpy'\?") as caught:
        xn.get_backend("nunpy")
    assert "package is installed again" in str(caught.value)
    monkeypatch.setenv("XPNET_BACKEND", "tensorflow")
    with pytest.raises(BackendError, match="unknown backend 'tensorflow'"):
        xn.get_backend()


@pytest.mark.parametrize(
    ("name", "options", "text"),
    [
        (
            "numpy",
            {"device": "cuda:0"},
            r"backend 'numpy' has no device 'cuda:0'; it has only 'cpu'",
        ),
        ("strict", {"device": "device9"}, r"backend 'strict' has no device 'device9'; did you mean 'device"),
        ("numpy", {"dtype": "float16"}, r"backend 'numpy' has no real dtype 'float16'; .*known: float32, float64"),
        (
            "strict",
            {"device": "no_float64", "dtype": "float64"},
            r"of backend 'strict' has no float64; use",
        ),
    ],
)
def test_devices_and_dtypes_that_do_not_exist(name, options, text):
    with pytest.raises(BackendError, match=text):
        xn.get_backend(name, **options)


def test_a_third_partys_plugin_needs_no_change_here(installed):
    installed(plugin=f"{__name__}:PluginBackend")
    assert "plugin" in xn.available_backends()
    assert load_backend("plugin").__name__ == "PluginBackend"
    with xn.use_backend("plugin", dtype="float64") as backend:
        machine = xn.Cascade(xn.Linear(2, 2), xn.Tanh())
        trainer = xn.SimpleTrainer(machine, xn.Euclidean())
        energies = [trainer.learn_sample(np.eye(2), [0, 1], np.eye(2), learning_rate=0.5) for _ in range(50)]
    assert energies[-1] < 0.2 * energies[0]
    assert (backend.name, backend.ops.accelerated) == ("plugin", frozenset())


def test_a_missing_library_is_one_sentence_with_a_remedy(installed):
    installed(strict="a_library_that_is_not_here:BACKEND", other="another_one_missing:BACKEND")
    with pytest.raises(BackendUnavailable, match=r"its library is missing .*Install it, .*xpnet\[strict\]"):
        xn.get_backend("strict")
    with pytest.raises(BackendUnavailable, match="for example: the package that brings other"):
        xn.get_backend("other")


def test_only_auto_may_fall_back_and_it_says_so(installed, caplog):
    installed(cupy=f"{__name__}:BrokenBackend")
    with pytest.raises(BackendUnavailable, match="backend 'cupy' cannot run here"):
        xn.get_backend("cupy")
    with caplog.at_level(logging.INFO, "xpnet"):
        assert xn.get_backend("auto").name == "numpy"
    assert "passes over cupy: backend 'cupy' cannot run here: no CUDA device" in caplog.text
    assert "XPNET_BACKEND=auto chose NumpyBackend(device='cpu', dtype='float32')" in caplog.text


def test_auto_with_nothing_usable_is_an_error(installed):
    installed(cupy=f"{__name__}:BrokenBackend", numpy=f"{__name__}:BrokenBackend")
    with pytest.raises(BackendUnavailable, match="found no usable backend among cupy, numpy; run `xpnet doctor`"):
        xn.get_backend("auto")


@pytest.mark.parametrize("dtype", ["float64", np.float64, np.dtype("float64")], ids=str)
def test_a_librarys_own_dtype_stands_for_its_name(dtype):
    assert xn.get_backend("numpy", dtype=dtype) is xn.get_backend("numpy", dtype="float64")
    with pytest.raises(BackendError, match="has no real dtype 'float16'"):
        xn.get_backend("numpy", dtype=np.float16)


def test_a_precision_is_handed_to_backends_that_have_a_choice(installed, monkeypatch):
    class Choosy(PluginBackend):
        precisions = ("full", "bfloat16")

        def __init__(self, device=None, dtype="float32", precision="full"):
            Backend.__init__(self, xp, device, dtype, precision)
            self.ops = resolve(xp)

    monkeypatch.setattr(registry, "load_backend", lambda name: Choosy if name == "choosy" else PluginBackend)
    reduced = xn.get_backend("choosy", precision="bfloat16")
    assert (reduced.precision, reduced.with_dtype("float32").precision) == ("bfloat16", "bfloat16")
    assert "precision='bfloat16'" in repr(reduced)
    with xn.use_backend(reduced):
        assert xn.get_backend(precision="full").precision == "full"
        assert xn.get_backend(dtype="float32").precision == "bfloat16"
    with pytest.raises(BackendError, match="is of float32 products, but dtype is float64"):
        xn.get_backend("choosy", dtype="float64", precision="bfloat16")
    monkeypatch.setenv("XPNET_PRECISION", "bfloat16")
    assert xn.get_backend("choosy").precision == "bfloat16"


def test_what_a_plugin_has_without_saying_anything(installed):
    installed(plugin=f"{__name__}:PluginBackend")
    backend = PluginBackend()
    batches = [(np.ones((2, 3)), np.asarray([1, 0])), (np.zeros((1, 3)), np.asarray([2]))]
    (x, label), _ = backend.prefetch(batches)
    assert (x.dtype, label.dtype) == (np.float32, np.int64)
    step = object()
    assert backend.compile(step) is step
    assert backend.memory_stats() == {}
    with backend.stream():
        pass


def test_a_precision_in_the_environment_is_no_demand_on_backends_that_have_none(monkeypatch):
    monkeypatch.setenv("XPNET_PRECISION", "bfloat16")
    assert xn.get_backend("numpy").precision == "full"
    with pytest.raises(BackendError, match="backend 'numpy' has no precision 'bfloat16'"):
        xn.get_backend()
