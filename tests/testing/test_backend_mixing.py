"""Backends that let arrays mix, each caught by the clause that says so; and how a second device is found."""

import array_api_strict as xp
import numpy as np
import pytest
import xpnet_strict
from broken_backends import broken_clauses, sound, strict

import xpnet as xn
from xpnet.testing.backend_mixing import second_device

ARRAYS, DEVICES = "mixed arrays are refused", "mixed devices are refused"


def _moves(self, x, dtype=None):
    moved = (
        xp.asarray(x, device=self.device) if hasattr(x, "__array_namespace__") and not isinstance(x, np.ndarray) else x
    )
    return xpnet_strict.StrictBackend.asarray(self, moved, dtype)


def _any_shape(self, a, b, where):
    if a.shape != b.shape:
        msg = "shapes differ"
        raise xn.errors.PlacementError(msg)


BROKEN = {
    "anything may meet": (ARRAYS, lambda: sound(require_same_placement=lambda self, a, b, where: None)),
    "shapes instead of places": (ARRAYS, lambda: sound(require_same_placement=_any_shape)),
    "placement without a dtype": (ARRAYS, lambda: sound(placement=lambda self, x: x.device)),
    "placement by identity": (ARRAYS, lambda: sound(placement=lambda self, x: id(x))),
    "placement without a device": (DEVICES, lambda: strict(placement=lambda self, x: x.dtype)),
    "asarray that moves between devices": (DEVICES, lambda: strict(asarray=_moves)),
}


@pytest.mark.parametrize("wrong", BROKEN)
def test_each_is_caught_by_its_clause(wrong):
    clause, make = BROKEN[wrong]
    assert broken_clauses(make())[0] == [clause]


def test_a_second_device_is_counted_to():
    backend = xn.get_backend("strict", device="device1")
    assert second_device(backend).device_name == "device2"
    assert second_device(xn.get_backend("strict", device="device2")).device_name == "device1"
    assert second_device(xn.get_backend("numpy")) is None


def test_a_second_device_may_be_named():
    backend, other = (xn.get_backend("strict", device=name) for name in ("CPU_DEVICE", "device1"))
    report = xn.testing.check_backend(backend, other=other, clauses=[DEVICES])
    alone = xn.testing.check_backend(backend, clauses=[DEVICES])
    assert report.comparisons > alone.comparisons == 0


def test_numpy_arrays_are_foreign_to_others():
    found, message = broken_clauses(strict(require_same_placement=lambda self, a, b, where: None))
    assert found == [ARRAYS, DEVICES]
    assert "a host array: expected a PlacementError with a sentence; got no error" in message
