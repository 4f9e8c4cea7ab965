"""What may be handed to the CuPy backend's asarray, and what a machine says of arrays from elsewhere."""

import types

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import PlacementError


def _lent(array, place, module="torch", kind=2):
    """An array of another library on a device, which it lends by DLPack."""
    owner = type("Tensor", (), {"__dlpack_device__": lambda self: (kind, place), "lent": array, "__module__": module})
    return owner()


@pytest.mark.parametrize("values", [[1, 2.5], (1.0, 2.0), 3.0, np.arange(3), np.float32(2), np.ones((2, 2))])
def test_host_values_come_in(cupy_backend, values):
    backend = cupy_backend("cuda:1")
    made = backend.asarray(values)
    assert (made.device.id, made.dtype) == (1, np.float32)
    np.testing.assert_array_equal(backend.to_numpy(made), np.asarray(values, np.float32))
    assert backend.indices([1, 2]).dtype == np.int64


def test_an_array_of_its_own_stays_and_one_of_another_device_is_refused(cupy_backend):
    first, second = cupy_backend("cuda:0"), cupy_backend("cuda:1")
    x = first.asarray([1.0, 2.0])
    assert first.asarray(x) is x
    for bring in (second.asarray, second.indices):
        with pytest.raises(PlacementError, match="on cuda:0 was handed to backend 'cupy' on cuda:1; move it to cuda:1"):
            bring(x)
    assert first.asarray(x, np.float64).dtype == np.float64


def test_torch_and_jax_on_the_host_come_in(cupy_backend, torch, jax):
    backend = cupy_backend()
    for x in (torch.asarray([1.0, 2.0]), jax.numpy.asarray([1.0, 2.0])):
        np.testing.assert_array_equal(backend.to_numpy(backend.asarray(x)), [1.0, 2.0])


def test_another_librarys_array_on_the_same_device_is_taken_without_a_copy(cupy_backend):
    theirs = np.asarray([1.0, 2.0], np.float32)
    ours = cupy_backend("cuda:1").asarray(_lent(theirs, 1))
    assert ours.device.id == 1
    theirs[0] = 7.0
    np.testing.assert_array_equal(np.asarray(ours), [7.0, 2.0])


@pytest.mark.parametrize(
    ("kind", "where"), [(2, "cuda:0"), (13, "cuda:0"), (8, r"device \(8, 0\) of DLPack"), (10, r"device \(10, 0\)")]
)
def test_another_librarys_array_on_another_device_is_one_error(cupy_backend, kind, where):
    sentence = (
        f"an array of torch on {where}.* was handed to backend 'cupy' on cuda:1; move it to cuda:1 or to the host"
    )
    with pytest.raises(PlacementError, match=sentence):
        cupy_backend("cuda:1").asarray(_lent(np.ones(2), 0, kind=kind))


def test_libraries_without_dlpack_are_read_by_their_interface(cupy_backend, plugin, monkeypatch):
    first, second = cupy_backend("cuda:0"), cupy_backend("cuda:1")
    interface = {"shape": (2,), "typestr": "<f4", "version": 3}
    theirs = type("DeviceNDArray", (), {"__cuda_array_interface__": interface, "__module__": "numba.cuda"})()
    seen = first.asarray([1.0, 2.0])
    monkeypatch.setattr(plugin("arrivals").cupy, "asarray", lambda x: seen)
    assert first.asarray(theirs) is seen
    with pytest.raises(PlacementError, match="an array of numba on cuda:0 was handed to backend 'cupy' on cuda:1"):
        second.asarray(theirs)


@pytest.mark.parametrize("library", ["numpy", "torch", "jax"])
def test_a_machine_refuses_arrays_of_another_library(cupy_backend, request, library):
    theirs = {
        "numpy": lambda: np.ones((2, 3), np.float32),
        "torch": lambda: request.getfixturevalue("torch").ones((2, 3)),
        "jax": lambda: request.getfixturevalue("jax").numpy.ones((2, 3), "float32"),
    }[library]()
    backend = cupy_backend()
    with backend.device_scope(), xn.use_backend(backend):
        linear = xn.Linear(3, 2)
        xn.ParameterStore(linear, backend=backend, seed=0)
        with pytest.raises(
            PlacementError, match=rf"Linear: .*\(cupy\) and .*\({library}\).*Bring data in with backend"
        ):
            linear.fprop(xn.State(theirs), xn.State())


def test_prefetch_takes_host_arrays_only(cupy_backend):
    backend = cupy_backend()
    with pytest.raises(PlacementError, match="prefetch brings host arrays to the device; got ndarray"):
        next(backend.prefetch([(backend.ones((2,)),)]))


def test_objects_that_pretend_nothing_are_left_to_cupy(cupy_backend, plugin):
    plain = types.SimpleNamespace()
    assert plugin("arrivals").readable(plain, 0) is plain
