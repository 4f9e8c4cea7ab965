"""What an array library can do, found by trying it and looking at the values.

Flags and documentation are not enough: some libraries accept a write through a view, raise nothing and leave
the buffer as it was.
"""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xpnet.backend.protocol import Backend


@dataclass(frozen=True)
class Capabilities:
    """Facts about one backend on one device, each one probed.

    views: a slice and its reshape alias the array they were cut from, so the parameter store may be one vector.
    inplace: slices can be assigned.
    float64: float64 arrays can be made on this device.
    """

    views: bool
    inplace: bool
    float64: bool


def probe(backend: "Backend") -> Capabilities:
    """Try each capability once on small arrays."""
    inplace = _holds(_writes_slices, backend)
    return Capabilities(
        views=inplace and _holds(_aliases_slices, backend),
        inplace=inplace,
        float64=_holds(_makes_float64, backend),
    )


def _holds(trial: "Trial", backend: "Backend") -> bool:
    # A library says "no" with whatever exception it likes, so every one of them counts as "no".
    try:
        return trial(backend)
    except Exception:
        return False


def _writes_slices(backend: "Backend") -> bool:
    buffer = backend.zeros((6,))
    buffer[2:4] = backend.ones((2,))
    return [float(value) for value in backend.to_numpy(buffer)] == [0, 0, 1, 1, 0, 0]


def _aliases_slices(backend: "Backend") -> bool:
    buffer = backend.zeros((6,))
    view = backend.xp.reshape(buffer[2:6], (2, 2))
    buffer[...] = backend.ones((6,))
    seen_through_view = float(backend.to_numpy(view).sum()) == 4
    view[...] = backend.zeros((2, 2))
    return seen_through_view and float(backend.to_numpy(buffer).sum()) == 2


def _makes_float64(backend: "Backend") -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # JAX makes float32 of it, with a warning
        third = backend.xp.asarray(1 / 3, dtype=backend.xp.float64, device=backend.device)
    return float(third) == 1 / 3


if TYPE_CHECKING:
    from collections.abc import Callable

    Trial = Callable[["Backend"], bool]
