"""The Array API namespace of CuPy, on one device: functions compute there, `device=` means that device.

CuPy computes and creates on the *current* device; array_api_compat passes `device=` on for no creation function but
asarray.
"""

from collections.abc import Callable
from functools import wraps
from types import SimpleNamespace

import cupy
from array_api_compat import cupy as compat
from array_api_compat.cupy import linalg as compat_linalg

from xpnet._typing import Array, Device, Namespace
from xpnet_cupy.products import Products
from xpnet_cupy.scope import DeviceScope, on_device

CREATION = ("arange", "empty", "eye", "full", "linspace", "ones", "zeros")
CREATION_LIKE = ("empty_like", "full_like", "ones_like", "zeros_like")


def namespace_on(scope: DeviceScope, products: Products, guarded: bool = True) -> Namespace:
    """array_api_compat's namespace of CuPy with these products, each function run on the scope's device.

    guarded: whether another device may be the current one; where there is a single device, nothing is asked.
    """
    names = {name: getattr(compat, name) for name in dir(compat) if hasattr(compat, name)}
    made = {name: _created_there(names[name]) for name in CREATION}
    alike = {name: _created_alongside(names[name]) for name in CREATION_LIKE}
    own = {name: getattr(products, name) for name in ("matmul", "tensordot", "vecdot")}
    whole = names | made | alike | own
    linalg = {name: getattr(compat_linalg, name) for name in dir(compat_linalg)} | own
    everywhere = _guarded(whole, scope) if guarded else whole
    return SimpleNamespace(**everywhere | {"linalg": SimpleNamespace(**_guarded(linalg, scope) if guarded else linalg)})


def _guarded(names: dict[str, object], scope: DeviceScope) -> dict[str, object]:
    return {
        name: on_device(value, scope) if callable(value) and not isinstance(value, type) else value
        for name, value in names.items()
    }


def _created_there(create: Callable[..., Array]) -> Callable[..., Array]:
    @wraps(create)
    def created(*args: object, device: Device = None, **options: object) -> Array:
        if device is None:
            return create(*args, **options)
        with cupy.cuda.Device(device):
            return create(*args, **options)

    return created


def _created_alongside(create: Callable[..., Array]) -> Callable[..., Array]:
    @wraps(create)
    def created(x: Array, *args: object, device: Device = None, **options: object) -> Array:
        with cupy.cuda.Device(x.device if device is None else device):
            return create(x, *args, **options)

    return created
