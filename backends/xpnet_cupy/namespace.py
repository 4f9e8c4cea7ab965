"""The Array API namespace of CuPy, with creation functions that honour `device=`.

CuPy creates on the *current* device. array_api_compat passes `device=` on for no creation function but asarray,
and asarray hands an array that stands on another device back as it is.
"""

from collections.abc import Callable
from functools import wraps
from types import SimpleNamespace

import cupy
from array_api_compat import cupy as compat

from xpnet._typing import Array, Device, Namespace

CREATION = ("arange", "empty", "eye", "full", "linspace", "ones", "zeros")
CREATION_LIKE = ("empty_like", "full_like", "ones_like", "zeros_like")


def device_true_namespace() -> Namespace:
    """array_api_compat's namespace of CuPy in which `device=` means that device."""
    names = {name: getattr(compat, name) for name in dir(compat) if hasattr(compat, name)}
    made = {name: _created_there(names[name]) for name in CREATION}
    alike = {name: _created_alongside(names[name]) for name in CREATION_LIKE}
    return SimpleNamespace(**names | made | alike | {"asarray": _brought_there(names["asarray"])})


def _created_there(create: Callable[..., Array]) -> Callable[..., Array]:
    @wraps(create)
    def created(*args: object, device: Device = None, **options: object) -> Array:
        with cupy.cuda.Device(device):  # Device(None) is the current one
            return create(*args, **options)

    return created


def _created_alongside(create: Callable[..., Array]) -> Callable[..., Array]:
    @wraps(create)
    def created(x: Array, *args: object, device: Device = None, **options: object) -> Array:
        with cupy.cuda.Device(x.device if device is None else device):
            return create(x, *args, **options)

    return created


def _brought_there(asarray: Callable[..., Array]) -> Callable[..., Array]:
    @wraps(asarray)
    def brought(x: object, /, *, device: Device = None, **options: object) -> Array:
        array = asarray(x, device=device, **options)
        if device is None or array.device == device:
            return array
        with cupy.cuda.Device(device):
            return array.copy()  # to the current device, from wherever it stands

    return brought
