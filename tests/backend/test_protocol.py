"""Creation, placement and transfer: what every backend does alike."""

import copy

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import PlacementError


def test_creation_has_the_backends_dtype_and_device(backend):
    made = [backend.asarray([1, 2]), backend.zeros((2,)), backend.ones((2,)), backend.asarray(np.arange(2))]
    for x in made:
        assert x.dtype == backend.dtype
        assert x.device == backend.device
    assert backend.indices([1, 2]).dtype == backend.xp.int64
    assert backend.asarray([1], backend.xp.int64).dtype == backend.xp.int64
    assert tuple(backend.asarray(3.0).shape) == ()


def test_the_round_trip_to_the_host_is_exact(backend, rng):
    x = rng.normal(size=(2, 3)).astype(backend.dtype_name)
    np.testing.assert_array_equal(backend.to_numpy(backend.asarray(x)), x)
    assert isinstance(backend.to_numpy(backend.asarray(x)), np.ndarray)


def test_a_strict_array_of_another_device_is_not_moved_silently(strict_devices):
    first, second = strict_devices
    with pytest.raises(PlacementError, match=r"an array on device1 was handed to .*device2.*; move it with"):
        second.asarray(first.ones((2,)))


def test_mixing_states_both_sides_and_the_remedy(strict_devices):
    first, second = strict_devices
    first.require_same_placement(first.ones((1,)), first.zeros((2, 2)), "anything")
    with pytest.raises(PlacementError) as caught:
        first.require_same_placement(first.ones((1,)), second.ones((1,)), "Linear: weight and input.x")
    for part in ("Linear: weight and input.x must share one dtype and device", "device1", "device2", "backend.asarray"):
        assert part in str(caught.value)


def test_libraries_are_told_apart_before_dtypes():
    strict, numpy = xn.get_backend("strict"), xn.get_backend("numpy")
    for backend in (strict, numpy):
        with pytest.raises(PlacementError, match=r"\(numpy\) and .*\(array_api_strict\)"):
            backend.require_same_placement(numpy.ones((1,)), strict.ones((1,)), "here")


def test_distinct_numbers_are_found_where_that_is_free_and_never_lost(backend):
    ids = backend.indices([5, 2, 5, 0, 2])
    found = backend.distinct(ids)
    assert (found.dtype, found.device) == (ids.dtype, ids.device)
    assert backend.to_numpy(found).tolist() == ([0, 2, 5] if backend.name in ("numpy", "torch") else [5, 2, 5, 0, 2])
    assert tuple(backend.distinct(backend.indices([])).shape) == (0,)


def test_another_dtype_of_the_same_place(backend):
    other = backend.with_dtype("float32")
    assert (other.name, other.device, other.dtype_name) == (backend.name, backend.device, "float32")


def test_a_backend_is_a_place_and_is_not_copied(backend):
    assert copy.deepcopy({"here": backend})["here"] is backend


def test_synchronize_and_device_scope_may_be_used_anywhere(backend):
    with backend.device_scope():
        backend.synchronize()


def test_importing_xpnet_loads_no_array_library():
    import subprocess
    import sys

    code = "import sys, xpnet; print(sorted(set(sys.modules) & {'numpy', 'cupy', 'torch', 'jax', 'array_api_compat'}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
