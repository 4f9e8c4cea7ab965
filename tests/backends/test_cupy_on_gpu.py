"""CuPy on a GPU: transfers, devices, streams, memory, precision, bits. Without one, on the stand-in.

On the stand-in these tests show that they run and that they can fail; only a GPU shows more.
"""

import gc
import importlib.util
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import OutOfMemoryError, PlacementError

pytestmark = pytest.mark.gpu
MIB = 2**20


@pytest.fixture
def soak(cuda_backend):
    """How many steps of training: thousands on a GPU, fewer on the stand-in."""
    import cupy

    return 3000 if hasattr(cupy.cuda, "compiler") else 300


@pytest.fixture
def two(cuda_backend):
    """Backends on two devices."""
    first = cuda_backend("cuda:0")
    if first._device_count < 2:
        pytest.skip("needs two CUDA devices")
    return first, cuda_backend("cuda:1")


class Training:
    """A small machine that learns digits of noise; the same from the same seed."""

    def __init__(self, backend, seed=0):
        self.backend = backend
        with backend.device_scope(), xn.use_backend(backend):
            machine = xn.Cascade(xn.Linear(16, 32), xn.Tanh(), xn.Linear(32, 4))
            self.store = xn.ParameterStore(machine, backend=backend, seed=seed)
            self.trainer = xn.Trainer(machine, xn.Euclidean(), self.store)
            self.labels = backend.asarray(np.eye(4))
        rng = np.random.default_rng(seed)
        self.samples = rng.normal(size=(8, 12, 16)).astype(np.float32)
        self.answers = rng.integers(0, 4, (8, 12))

    def batches(self, steps):
        return ((self.samples[k % 8], self.answers[k % 8]) for k in range(steps))

    def learn(self, steps, each=lambda: None):
        with self.backend.device_scope(), xn.use_backend(self.backend):
            for x, y in self.backend.prefetch(self.batches(steps)):
                self.trainer.learn_sample(x, y, self.labels, {"learning_rate": 0.05})
                each()
            return self.store.state_dict()


def same_bits(one, other):
    return one.keys() == other.keys() and all(one[name].tobytes() == other[name].tobytes() for name in one)


def test_arrays_make_the_round_trip(cuda_backend, rng):
    backend = cuda_backend()
    x = rng.normal(size=(3, 4)).astype(np.float32)
    there = backend.asarray(x)
    product = backend.xp.matmul(there, backend.xp.matrix_transpose(there))
    np.testing.assert_allclose(backend.to_numpy(product), x @ x.T, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(backend.to_numpy(there), x)
    assert backend.capabilities.views
    assert backend.memory_stats()["used"] >= x.nbytes
    assert len(backend.remarks()) >= 5


def test_every_shape_multiplies_as_numpy_does(cuda_backend, rng):
    backend = cuda_backend(dtype="float64")
    shapes = [((4,), (4,)), ((3, 4), (4,)), ((2, 1, 4), (4, 5)), ((2, 3, 4), (2, 4, 5)), ((2, 1, 3, 4), (5, 4, 6))]
    for left, right in shapes:
        a, b = rng.normal(size=left), rng.normal(size=right)
        y = backend.to_numpy(backend.xp.matmul(backend.asarray(a), backend.asarray(b)))
        np.testing.assert_allclose(y, np.matmul(a, b), rtol=1e-12, atol=1e-13)
    a, b = rng.normal(size=(2, 3, 50)), rng.normal(size=(3, 50))
    y = backend.to_numpy(backend.xp.vecdot(backend.asarray(a), backend.asarray(b)))
    np.testing.assert_allclose(y, np.vecdot(a, b), rtol=1e-12, atol=1e-13)


def test_mixing_two_devices_is_an_error(two):
    first, second = two
    x, y = first.ones((2, 2)), second.ones((2, 2))
    assert [z.device.id for z in (x, y)] == [0, 1]
    with pytest.raises(PlacementError):
        second.require_same_placement(y, x, "Plus")
    with pytest.raises(PlacementError, match="product on cuda:1"):
        second.xp.matmul(y, x)
    with pytest.raises(PlacementError, match="several devices"), first.device_scope():
        _ = x + y


def test_two_devices_learn_the_same_in_two_threads(two):
    with ThreadPoolExecutor(2) as threads:
        learned = list(threads.map(lambda backend: Training(backend).learn(40), two))
    for name, value in learned[0].items():
        np.testing.assert_allclose(learned[1][name], value, rtol=1e-4, atol=1e-5)


def test_threads_with_streams_of_their_own_learn_the_same(cuda_backend):
    backend, meet = cuda_backend(), threading.Barrier(4, timeout=120)
    wanted = Training(backend).learn(60)

    def learn(_):
        training = Training(backend)
        with backend.stream():
            return training.learn(60, each=meet.wait)

    with ThreadPoolExecutor(4) as threads:
        for learned in threads.map(learn, range(4)):
            for name, value in wanted.items():
                np.testing.assert_allclose(learned[name], value, rtol=1e-4, atol=1e-5)


def test_work_inside_and_after_a_stream_sees_what_was_before(cuda_backend):
    backend = cuda_backend()
    xp = backend.xp
    x = backend.zeros((512, 512))
    with backend.device_scope():
        for _ in range(20):
            x = x + 1.0
            with backend.stream():
                y = xp.matmul(x, x) * (1.0 / 512)
            x = x + 0.0 * y
    np.testing.assert_allclose(backend.to_numpy(y), 400.0, rtol=1e-5)
    np.testing.assert_array_equal(backend.to_numpy(x), 20.0)


def test_prefetching_equals_plain_copies(cuda_backend, rng):
    backend = cuda_backend()
    sizes = [257, 1000, 64, 1000, 3, 1]
    batches = [(rng.normal(size=(n, 33)), rng.integers(0, 9, n).astype(np.int32)) for n in sizes * 3]
    for (x, labels), (host, answers) in zip(backend.prefetch(iter(batches)), batches, strict=True):
        with backend.device_scope():
            doubled = x + x  # work that may still run while the next copies are under way
        np.testing.assert_array_equal(backend.to_numpy(doubled), 2 * host.astype(np.float32))
        np.testing.assert_array_equal(backend.to_numpy(labels), answers)


def test_prefetched_training_equals_training_on_plain_copies(cuda_backend):
    backend = cuda_backend()
    ahead, plain = Training(backend), Training(backend)
    with backend.device_scope(), xn.use_backend(backend):
        for x, y in plain.batches(50):
            sample = backend.asarray(x), backend.indices(y)
            plain.trainer.learn_sample(*sample, plain.labels, {"learning_rate": 0.05})
    assert same_bits(ahead.learn(50), plain.store.state_dict())


def test_memory_does_not_grow_while_training(cuda_backend, soak):
    backend = cuda_backend()
    training = Training(backend)
    training.learn(20)
    gc.collect()
    before, held = backend.memory_stats()["used"], []
    training.learn(soak, each=lambda: held.append(backend.memory_stats()["held"]))
    gc.collect()
    after = backend.memory_stats()
    assert after["used"] == before
    assert max(held[soak // 2 :]) == max(held[: soak // 2])
    backend.release_memory()
    assert backend.memory_stats()["held"] <= after["held"]


def test_a_full_pool_is_told_in_one_message_and_can_be_used_again(cuda_backend):
    backend = cuda_backend()
    gc.collect()
    backend.release_memory()
    limit = backend.memory_stats()["held"] + 8 * MIB
    backend.limit_memory(limit)
    try:
        assert backend.memory_stats()["limit"] == limit
        with pytest.raises(
            OutOfMemoryError, match=r"cuda:0 is out of memory: 64 MiB more were needed \(67108864 bytes\)"
        ):
            backend.zeros((4096, 4096))
        assert float(backend.xp.sum(backend.ones((256, 256)))) == 65536.0
    finally:
        backend.limit_memory(None)
    assert backend.zeros((4096, 4096)).shape == (4096, 4096)


# The largest relative error of one rounded operand: TF32 may be cut off instead of rounded.
UNITS = {"tf32": 2.0**-10, "float16": 2.0**-11}
if importlib.util.find_spec("ml_dtypes") is not None:  # NumPy's bfloat16
    UNITS["bfloat16"] = 2.0**-8


@pytest.mark.parametrize("precision", sorted(UNITS))
@pytest.mark.parametrize("shape", [(64, 200, 48), (129, 33, 7), (1, 512, 512)])
@pytest.mark.parametrize("scale", [1.0, 1e-9])
def test_products_keep_within_the_bounds_of_their_precision(cuda_backend, rng, precision, shape, scale):
    rows, depth, columns = shape
    backend = cuda_backend(precision=precision)
    a = (scale * rng.normal(size=(rows, depth))).astype(np.float32)
    b = rng.normal(size=(depth, columns)).astype(np.float32)
    exact, size = a.astype(np.float64) @ b, np.abs(a).astype(np.float64) @ np.abs(b)
    unit = UNITS[precision]
    bound = (2 * unit + unit**2 + depth * 2.0**-23) * size
    for x, y in (
        (backend.asarray(a), backend.asarray(b)),
        (backend.asarray(a.T.copy()).T, backend.asarray(b.T.copy()).T),
    ):
        error = np.abs(backend.to_numpy(backend.xp.matmul(x, y)) - exact)
        np.testing.assert_array_less(error, bound)
        if precision != "tf32":  # cuBLAS may keep float32 where it is asked for TF32
            assert error.max() > 1e-3 * unit * size.max()


@pytest.mark.parametrize("precision", ["full", *sorted(UNITS)])
def test_the_same_training_gives_the_same_bits(cuda_backend, monkeypatch, precision):
    monkeypatch.setenv("XPNET_DETERMINISTIC", "on")
    backend = cuda_backend(precision=precision)
    assert backend.deterministic
    first, second = (Training(backend, seed=4).learn(60) for _ in range(2))
    assert same_bits(first, second)
    assert not same_bits(first, Training(backend, seed=5).learn(60))
