"""CuPy behind the protocol of xpnet: devices, transfers, synchronisation."""

import re
from contextlib import AbstractContextManager
from typing import final

import cupy

from xpnet._typing import Array, Device, DType, HostArray
from xpnet.backend import Backend
from xpnet.errors import BackendError
from xpnet.ops import resolve
from xpnet_cupy.namespace import device_true_namespace
from xpnet_cupy.overrides import OVERRIDES
from xpnet_cupy.probe import require_kernels, require_usable


@final
class CupyBackend(Backend):
    """CuPy on one CUDA device.

    The results of CuPy's operations stand on the *current* device, whatever device the operands are on, and
    operands on two devices cost no more than a warning. So work inside `device_scope()`, and `placement` tells
    devices apart so that mixing them is an error.
    """

    name = "cupy"
    synchronous = False

    def __init__(self, device: str | None = None, dtype: str = "float32") -> None:
        self._device_count = require_usable()
        chosen = self.parse_device(device)
        require_kernels(chosen)
        with cupy.cuda.Device(chosen):
            super().__init__(device_true_namespace(), device, dtype)
            self.ops = resolve(self.xp, OVERRIDES)

    def parse_device(self, device: str | None) -> Device:
        """The CUDA device called "cuda", "cuda:1" or "1"; None and "cuda" are device 0."""
        match = re.fullmatch(r"cuda|(?:cuda:)?(?P<index>\d+)", device or "cuda")
        if match is None:
            msg = f"backend 'cupy' has no device {device!r}; write 'cuda', 'cuda:1' or '1'"
            raise BackendError(msg)
        index = int(match["index"] or 0)
        if index >= self._device_count:
            present = ", ".join(f"cuda:{number}" for number in range(self._device_count))
            msg = f"backend 'cupy' has no device {device!r}; present: {present}"
            raise BackendError(msg)
        return cupy.cuda.Device(index)

    def to_numpy(self, x: Array) -> HostArray:
        """Copy x to the host, after waiting for it to be computed."""
        return cupy.asnumpy(x)

    def placement(self, x: Array) -> tuple[DType, Device]:
        """The dtype and, for a CuPy array, its device number; a host array is never where a CuPy array is."""
        return x.dtype, x.device.id if isinstance(x, cupy.ndarray) else "host"

    def device_scope(self) -> AbstractContextManager[object]:
        """A context in which CuPy allocates and computes on this backend's device."""
        scope: AbstractContextManager[object] = cupy.cuda.Device(self.device)
        return scope

    def synchronize(self) -> None:
        """Wait until the device has done everything asked of it, on every stream."""
        self.device.synchronize()

    def memory_stats(self) -> dict[str, int]:
        """Bytes in use by arrays and held by CuPy's pool; bytes free and in all on the device."""
        with self.device_scope():
            pool = cupy.get_default_memory_pool()
            free, total = cupy.cuda.runtime.memGetInfo()
            return {"used": pool.used_bytes(), "held": pool.total_bytes(), "free": free, "total": total}

    @property
    def device_name(self) -> str:
        """The device's name as XPNET_DEVICE takes it, e.g. "cuda:1"."""
        return f"cuda:{self.device.id}"
