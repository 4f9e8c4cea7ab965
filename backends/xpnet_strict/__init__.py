"""array-api-strict: nothing but the standard, and devices that refuse to mix; the stand-in for a GPU in tests."""

from typing import Any, final

import array_api_strict as xp
import numpy as np

from xpnet.backend import Backend
from xpnet.errors import BackendError, PlacementError, nearest
from xpnet.ops import resolve

STANDARD = "2024.12"  # the revision that every supported library has


@final
class StrictBackend(Backend):
    """array_api_strict arrays on any of its devices: CPU_DEVICE, device1, device2, no_float64."""

    name = "strict"

    def __init__(self, device: str | None = None, dtype: str = "float32") -> None:
        xp.set_array_api_strict_flags(api_version=STANDARD, boolean_indexing=False, data_dependent_shapes=False)
        super().__init__(xp, device, dtype)
        self.ops = resolve(xp)

    def parse_device(self, device: str | None) -> Any:
        """One of the library's pretended devices, by its name."""
        by_name = {_name(entry): entry for entry in xp.__array_namespace_info__().devices()}
        if device is None:
            return by_name["CPU_DEVICE"]
        if device not in by_name:
            msg = f"backend 'strict' has no device {device!r}; {nearest(device, by_name)}"
            raise BackendError(msg)
        return by_name[device]

    def asarray(self, x: Any, dtype: Any = None) -> Any:
        """x as a strict array; lists and NumPy arrays are taken over, strict arrays must be on this device already."""
        dtype = self.dtype if dtype is None else dtype
        if type(x).__module__.startswith("array_api_strict"):
            if x.device != self.device:
                msg = f"an array on {_name(x.device)} was handed to {self!r}; move it with xp.to_device first"
                raise PlacementError(msg)
            return xp.astype(x, dtype) if x.dtype != dtype else x
        return xp.asarray(np.asarray(x), dtype=dtype, device=self.device)

    def indices(self, x: object) -> Any:
        """Integers as an int64 strict array."""
        return self.asarray(x, xp.int64)

    def synchronize(self) -> None:
        """Nothing runs behind the host's back."""

    def to_numpy(self, x: Any) -> Any:
        """The values of x, from whichever device."""
        return np.asarray(xp.asarray(x, device=self.parse_device(None)))

    @property
    def device_name(self) -> str:
        """The device's bare name, e.g. "device1"."""
        return _name(self.device)


def _name(device: Any) -> str:
    return str(device).removeprefix("array_api_strict.Device('").removesuffix("')")


BACKEND = StrictBackend
