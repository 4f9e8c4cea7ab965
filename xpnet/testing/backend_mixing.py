"""Clauses of a backend: arrays of other dtypes, devices and libraries are an error, never a silent copy."""

import re
from collections.abc import Iterator
from functools import partial

import numpy as np

from xpnet.backend import Backend
from xpnet.errors import PlacementError, XpnetError
from xpnet.testing.backend_bench import Bench, clause


class Foreign:
    """What looks like an array, of a library that is nobody's: with the dtype and device of a real one."""

    def __init__(self, dtype: object, device: object) -> None:
        self.dtype, self.device, self.shape, self.ndim = dtype, device, (2,), 1


@clause("Let placement(x) hold x's dtype and a device that compares by value; require_same_placement compares those.")
def mixed_arrays_are_refused(bench: Bench) -> None:
    """Equal placements pass; another dtype, and an array of another library, is a PlacementError that names both."""
    backend = bench.backend
    own = backend.ones((2,))
    for what, array in {"its own": backend.asarray([1.0, 2.0]), "of no numbers": backend.zeros((0, 3))}.items():
        backend.require_same_placement(own, array, "two arrays")
        bench.same(f"placement of an array {what}", backend.placement(own), backend.placement(array))
    bench.same("placement of a result", backend.placement(own), backend.placement(own + own * 2.0))
    strangers: dict[str, object] = {
        "integers": backend.indices([1, 2]),
        "truths": own > 0,
        "another library's array": Foreign(own.dtype, getattr(own, "device", None)),
    }
    if not isinstance(own, np.ndarray):
        strangers["a host array"] = np.ones((2,), backend.dtype_name)
    for what, stranger in strangers.items():
        for one, two in ((own, stranger), (stranger, own)):
            if not bench.refuses(what, PlacementError, partial(backend.require_same_placement, one, two, "two arrays")):
                break


@clause("Compare x.device in asarray and raise PlacementError; let placement(x) hold the device.")
def mixed_devices_are_refused(bench: Bench) -> None:
    """With a second device: its arrays have another placement, and asarray refuses them instead of copying."""
    backend, other = bench.backend, bench.other
    if other is None:
        return
    here, there = backend.ones((2,)), other.ones((2,))
    bench.holds("placements on two devices", backend.placement(here) != backend.placement(there), "two", "one")
    for side in (backend, other):
        bench.refuses(
            "arrays on two devices", PlacementError, partial(side.require_same_placement, here, there, "two arrays")
        )
    bench.refuses("asarray of another device's array", PlacementError, lambda: backend.asarray(there))
    bench.refuses("indices of another device's array", PlacementError, lambda: backend.indices(other.indices([1])))
    bench.bits("another device's array on the host", np.ones((2,)), other.to_numpy(there))
    with backend.device_scope(), other.device_scope():
        bench.holds(
            "device of zeros in the other's scope", other.zeros(()).device == other.device, other.device, "another"
        )
    bench.placed("an array made after the other's scope", backend.zeros((2,)), backend.dtype)


def second_device(backend: Backend) -> Backend | None:
    """The same backend on another device, found by counting in the device's name; None where there is none."""
    for name in _neighbours(backend.device_name):
        try:
            other = Bench(backend).another(device=name, dtype=backend.dtype_name)
        except (XpnetError, RuntimeError):
            continue
        if other.device != backend.device:
            return other
    return None


def _neighbours(name: str) -> Iterator[str]:
    match = re.search(r"\d+$", name)
    if match:
        number = int(match[0])
        yield from (f"{name[: match.start()]}{other}" for other in (number + 1, number - 1) if other >= 0)
    else:
        yield f"{name}:1"
