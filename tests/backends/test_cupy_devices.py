"""CuPy computes on the current device: what the backend offers computes on its own, and the rest is refused."""

import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import PlacementError


@pytest.fixture
def pair(cupy_backend):
    """Backends on both devices of the stand-in; cuda:0 is the current one."""
    return cupy_backend("cuda:0"), cupy_backend("cuda:1")


@pytest.mark.parametrize("create", ["zeros", "ones", "asarray", "indices"])
def test_everything_is_created_on_its_own_device(pair, create):
    first, second = pair
    argument = (2, 3) if create in ("zeros", "ones") else [1, 2]
    assert getattr(second, create)(argument).device.id == 1
    with first.device_scope():
        assert getattr(second, create)(argument).device.id == 1


def test_the_namespace_computes_on_its_own_device_whatever_the_current_one(pair, fake_cupy):
    xp, device = pair[1].xp, pair[1].device
    made = [xp.zeros((2,)), xp.arange(3.0), xp.eye(2), xp.full((2,), 7.0), xp.asarray([1.0, 2.0])]
    grown = [xp.exp(made[0]), xp.sum(made[1]), xp.matmul(made[2], made[2]), xp.concat([made[0], made[3]])]
    inside = [xp.linalg.matmul(made[2], made[2]), xp.zeros_like(made[0]), xp.ones_like(made[1], device=device)]
    assert {x.device.id for x in made + grown + inside} == {1}
    assert fake_cupy.cuda.runtime.getDevice() == 0


def test_the_namespace_honours_another_device_when_asked_for_it(pair):
    xp, other = pair[1].xp, pair[0].device
    made = (xp.arange(3, device=other), xp.full((2,), 7.0, device=other), xp.eye(2, device=other))
    like = (xp.zeros_like(pair[1].ones((2,)), device=other), xp.asarray([1.0], device=other))
    assert [x.device.id for x in (*made, *like)] == [0] * 5
    assert pair[1].xp.ones_like(pair[0].zeros((2,))).device.id == 0  # as the standard has it: beside what it is like


def test_primitives_compute_on_their_own_device(pair, fake_cupy):
    backend = pair[1]
    x, weight = backend.asarray(np.ones((2, 3))), backend.asarray(np.ones((4, 3)))
    y = backend.ops.linear(x, weight)
    assert (y.device.id, backend.ops.tanh_vjp(y, y).device.id) == (1, 1)
    assert fake_cupy.cuda.runtime.getDevice() == 0
    np.testing.assert_array_equal(backend.to_numpy(y), np.full((2, 4), 3.0))


def test_where_there_is_one_device_nothing_is_asked(fake_cupy, cupy_backend, plugin):
    fake_cupy.cuda.runtime.getDeviceCount = lambda: 1
    alone = cupy_backend()
    assert alone.xp.exp is plugin("namespace").compat.exp
    assert alone.ops.tanh.func.__module__ == "xpnet.ops.pointwise"


def test_a_scope_is_one_object_that_nests_and_returns(pair, fake_cupy):
    current, scope = fake_cupy.cuda.runtime.getDevice, pair[1].device_scope()
    assert scope is pair[1].device_scope()
    with scope, scope:
        with pair[0].device_scope():
            assert current() == 0
        assert (current(), fake_cupy.ones((1,)).device.id) == (1, 1)
    assert current() == 0
    with pytest.raises(ZeroDivisionError), scope:
        _ = 1 / 0
    assert current() == 0


def test_modules_refuse_to_run_outside_the_scope(pair):
    backend = pair[1]
    linear = xn.Linear(3, 2).bind(backend)
    with backend.device_scope():
        xn.ParameterStore(linear, backend=backend, seed=0)
        x, y = xn.State(backend.ones((4, 3))), xn.State()
        linear.fprop(x, y)
        assert y.x.device.id == 1
    sentence = r"Linear: .* are on cuda:1, but the current CUDA device is cuda:0.*`with backend.device_scope\(\):`"
    with pytest.raises(PlacementError, match=sentence):
        linear.fprop(x, y)


def test_arrays_that_agree_but_stand_elsewhere_are_refused(pair):
    x, y = pair[1].ones((2,)), pair[1].zeros((2,))
    with pytest.raises(PlacementError, match="the inputs must be on cuda:0, where backend 'cupy' computes; got cuda:1"):
        pair[0].require_same_placement(x, y, "the inputs")
    host = np.ones((2,), np.float32)
    with pytest.raises(PlacementError, match=r"must be on cuda:0.*got host"):
        pair[0].require_same_placement(host, host, "the inputs")


def test_mixing_devices_dtypes_or_host_and_device_is_an_error(pair, cupy_backend):
    first, second = pair
    with pytest.raises(PlacementError, match="Linear must share one dtype and device"):
        first.require_same_placement(first.ones((2,)), second.ones((2,)), "Linear")
    with pytest.raises(PlacementError, match=r"float32 on .*Device 0.*\(cupy\) and float32 on cpu \(numpy\)"):
        first.require_same_placement(first.ones((2,)), np.ones((2,), dtype=np.float32), "Linear")
    with pytest.raises(PlacementError, match="float64"):
        first.require_same_placement(first.ones((2,)), cupy_backend(dtype="float64").ones((2,)), "Linear")
    first.require_same_placement(first.ones((2,)), first.zeros((3,)), "Linear")


def test_cupys_warning_of_another_device_is_an_error_in_the_words_of_xpnet(pair):
    x, y = pair[0].ones((2,)), pair[1].ones((2,))
    told = r"several devices in one operation on cuda:0: .*resides \(1\)"
    with pytest.raises(PlacementError, match=told), pair[0].device_scope():
        _ = x + y
    with pytest.raises(PlacementError, match="on cuda:1"), pair[1].device_scope():
        _ = x + x


def test_that_error_comes_with_the_backend_whatever_was_ignored_before(cupy_backend):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        first, second = cupy_backend("cuda:0"), cupy_backend("cuda:1")
        with pytest.raises(PlacementError, match="several devices"), first.device_scope():
            _ = first.ones((2,)) + second.ones((2,))


def test_devices_that_cannot_reach_each_other_are_told_likewise(pair):
    error = ValueError("The device where the array resides (1) is different. Peer access is unavailable")
    with pytest.raises(PlacementError, match="Peer access is unavailable"), pair[0].device_scope():
        raise error
    other = ValueError("something else")
    with pytest.raises(ValueError, match="something else"), pair[0].device_scope():
        raise other


def test_products_ask_where_their_operands_are_since_cublas_does_not(pair, fake_cupy):
    x, y = pair[0].ones((2, 2)), pair[1].ones((2, 2))
    assert fake_cupy.matmul(x, y).device.id == 0  # that is what CuPy does: no warning, wrong memory
    for multiply in (pair[0].xp.matmul, pair[0].xp.tensordot):
        with pytest.raises(PlacementError, match="a product on cuda:0 was given an array on cuda:1"):
            multiply(x, y)


def test_two_backends_in_two_threads_do_not_disturb_each_other(pair):
    meet = threading.Barrier(2, timeout=60)

    def train(backend):
        with backend.device_scope(), xn.use_backend(backend):
            machine = xn.Cascade(xn.Linear(4, 3), xn.Tanh(), xn.Linear(3, 2))
            trainer = xn.SimpleTrainer(machine, xn.Euclidean(), xn.ParameterStore(machine, backend=backend, seed=3))
            rng = np.random.default_rng(5)
            labels = backend.asarray(np.eye(2))
            for _ in range(20):
                meet.wait()  # the threads alternate as closely as they can
                x = backend.asarray(rng.normal(size=(6, 4)))
                trainer.learn_sample(x, backend.indices(rng.integers(0, 2, 6)), labels, {"learning_rate": 0.1})
            placed = {parameter.x.device.id for _, _, _, parameter in machine.named_parameters()}
            return placed, trainer.param.state_dict()

    with ThreadPoolExecutor(2) as threads:
        (first, ours), (second, theirs) = threads.map(train, pair)
    assert (first, second) == ({0}, {1})
    assert ours.keys() == theirs.keys()
    for name, value in ours.items():
        np.testing.assert_array_equal(value, theirs[name])


def test_dtype_synchronisation_and_capabilities(cupy_backend):
    backend = cupy_backend("cuda:1", "float64")
    assert repr(backend.with_dtype("float32")) == "CupyBackend(device='cuda:1', dtype='float32')"
    assert backend.ones((1,)).dtype == np.float64
    assert not backend.synchronous
    before = backend.device.synchronized
    backend.synchronize()
    assert backend.device.synchronized == before + 1
    assert backend.capabilities.views
    assert backend.device.__hash__ is None  # CuPy's devices cannot be keys of a dictionary
