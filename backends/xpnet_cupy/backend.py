"""CuPy behind the protocol of xpnet: devices, transfers, streams, memory, precision."""

import re
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any, ClassVar, final

import cupy
import numpy as np

from xpnet._typing import Array, Device, DType, HostArray, Shape
from xpnet.backend import Backend, OpsTable
from xpnet.backend.protocol import require_precision
from xpnet.errors import BackendError, PlacementError
from xpnet.ops import resolve
from xpnet_cupy import memory
from xpnet_cupy.arrivals import readable
from xpnet_cupy.faults import BRING
from xpnet_cupy.gemm import Gemm, require_tensor_cores
from xpnet_cupy.kernels import DeviceLaunch
from xpnet_cupy.namespace import namespace_on
from xpnet_cupy.overrides import overrides
from xpnet_cupy.prefetch import Prefetch
from xpnet_cupy.probe import require_kernels, require_usable
from xpnet_cupy.products import Products
from xpnet_cupy.remarks import remarks
from xpnet_cupy.scope import DeviceScope, on_device, refuse_other_devices
from xpnet_cupy.streams import Streams, side_stream


@final
class CupyBackend(Backend):
    """CuPy on one CUDA device.

    CuPy computes on the *current* device, whatever device the operands are on. All that this backend offers computes on
    its own; code of one's own (`a + b`) must run inside `device_scope()`, and modules refuse to run outside. One
    process may hold backends on several devices, and several threads may use one.
    """

    name = "cupy"
    synchronous = False
    precisions: ClassVar[tuple[str, ...]] = ("full", "tf32", "float16", "bfloat16")

    def __init__(self, device: str | None = None, dtype: str = "float32", precision: str = "full") -> None:
        require_precision(type(self), precision, dtype)
        self._device_count = require_usable()
        chosen = self.parse_device(device)
        require_kernels(chosen)
        refuse_other_devices()
        self._scope, self._index, self._streams = DeviceScope(chosen), int(chosen.id), Streams()
        self._current = cupy.cuda.runtime.getDevice
        guarded = self._device_count > 1  # else no other device can be the current one
        with self._scope:
            if limit := memory.limit_in_force():
                memory.limit_memory(limit)
            require_tensor_cores(precision, int(chosen.compute_capability), f"cuda:{self._index}")
            products = Products(self._index, Gemm(precision) if precision in self.precisions[1:] else None)
            super().__init__(namespace_on(self._scope, products, guarded), device, dtype, precision)
            table = resolve(self.xp, overrides(self.xp, DeviceLaunch(cupy)))
            self.ops = _guarded(table, self._scope) if guarded else table

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

    def asarray(self, x: object, dtype: DType | None = None) -> Array:
        """x on this backend's device: from the host, or CuPy's or another library's array on it.

        Raises PlacementError for an array that is on another device.
        """
        with self._scope:
            wanted = self.dtype if dtype is None else dtype
            return self.xp.asarray(readable(x, self._index), dtype=wanted, device=self.device)

    def indices(self, x: object) -> Array:
        """Integers (labels, positions) as an int64 array on this backend's device."""
        return self.asarray(x, np.int64)

    def zeros(self, shape: Shape) -> Array:
        """Zeros of the backend's real dtype on its device."""
        with self._scope:
            return super().zeros(shape)

    def ones(self, shape: Shape) -> Array:
        """Ones of the backend's real dtype on its device."""
        with self._scope:
            return super().ones(shape)

    def to_numpy(self, x: Array) -> HostArray:
        """Copy x to the host, after waiting for it to be computed."""
        with self._scope:
            return cupy.asnumpy(x)

    def placement(self, x: Array) -> tuple[DType, Device]:
        """The dtype and, for a CuPy array, its device number; a host array is never where a CuPy array is."""
        return x.dtype, x.data.device_id if isinstance(x, cupy.ndarray) else "host"

    def require_same_placement(self, a: Array, b: Array, where: str) -> None:
        """Raise PlacementError unless both have one dtype and stand on this backend's device, the current one."""
        if (
            type(a) is type(b) is cupy.ndarray
            and a.dtype == b.dtype
            and a.data.device_id == b.data.device_id == self._index == self._current()
        ):
            return
        super().require_same_placement(a, b, where)
        place = self.placement(a)[1]
        if place != self._index:
            found = place if place == "host" else f"cuda:{place}"
            msg = f"{where} must be on {self.device_name}, where backend 'cupy' computes; got {found}. {BRING}"
            raise PlacementError(msg)
        current = self._current()
        if current != self._index:
            msg = (
                f"{where} are on {self.device_name}, but the current CUDA device is cuda:{current}, where CuPy would "
                "put the result; work inside `with backend.device_scope():`"
            )
            raise PlacementError(msg)

    def device_scope(self) -> AbstractContextManager[object]:
        """A context in which CuPy computes on this backend's device and its errors are those of xpnet.

        One and the same object every time: it may be entered again inside itself, and by several threads.
        """
        return self._scope

    def stream(self) -> AbstractContextManager[Any]:
        """A stream of its own beside the current one: see `side_stream` for what must stay alive meanwhile."""
        return side_stream(self._scope, self._streams)

    def prefetch(self, batches: Iterable[tuple[HostArray, ...]]) -> Iterator[tuple[Array, ...]]:
        """Minibatches on the device, the next one copied from pinned memory while the current one is used."""
        return Prefetch(self._scope, self._streams, self.dtype).batches(batches)

    def synchronize(self) -> None:
        """Wait until the device has done everything asked of it, on every stream."""
        with self._scope:
            self.device.synchronize()

    def memory_stats(self) -> dict[str, int]:
        """Bytes used by arrays and held by CuPy's pool, free and total on the device; the pool's limit, 0 for none."""
        with self._scope:
            return memory.memory_stats()

    def limit_memory(self, limit: int | str | None) -> None:
        """Let CuPy's pool on this device hold at most so much: bytes, "8 GiB", or "50%"; None for no limit."""
        with self._scope:
            memory.limit_memory(limit)

    def release_memory(self) -> None:
        """Give the blocks of the pool that no array uses back to the device."""
        with self._scope:
            memory.release_memory()

    def remarks(self) -> list[str]:
        """The GPU, its memory and pool, the CUDA of wheel and driver, precision and determinism."""
        with self._scope:
            return remarks(self._index, self.precision, self.deterministic)

    @property
    def device_name(self) -> str:
        """The device's name as XPNET_DEVICE takes it, e.g. "cuda:1"."""
        return f"cuda:{self.device.id}"


def _guarded(table: OpsTable, scope: DeviceScope) -> OpsTable:
    ops = {name: on_device(op, scope) for name, op in vars(table).items() if name != "accelerated"}
    return OpsTable(ops, table.accelerated)
