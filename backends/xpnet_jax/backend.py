"""JAX behind the protocol of xpnet."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, ClassVar, final

import jax
import jax.numpy as jnp
import numpy as np

from xpnet._typing import Array, Device, DType, HostArray
from xpnet.backend import Backend
from xpnet.errors import PlacementError
from xpnet.ops import resolve
from xpnet_jax import devices
from xpnet_jax.namespace import has_float64, namespace
from xpnet_jax.overrides import overrides


@final
class JaxBackend(Backend):
    """JAX arrays on one device. They cannot be written into, so parameters are leaves.

    dtype float64 turns 64-bit numbers on for the whole process, as JAX knows no smaller place for that.
    """

    name = "jax"
    capture_pays = True
    precisions: ClassVar[tuple[str, ...]] = ("full", "tf32", "float16", "bfloat16")

    def __init__(self, device: str | None = None, dtype: str = "float32", precision: str = "full") -> None:
        if dtype == "float64":
            jax.config.update("jax_enable_x64", True)
        super().__init__(namespace(precision), device, dtype, precision)
        self._alone = devices.count() == 1
        self.synchronous = self.device.platform == "cpu"
        self.ops = resolve(self.xp, overrides(self.device.platform, precision))

    def parse_device(self, device: str | None) -> Device:
        """The JAX device of that name: "cpu", "cuda:1"."""
        return devices.parse(device)

    def asarray(self, x: Any, dtype: DType | None = None) -> Array:
        """x as a JAX array on this backend's device; an array of another device is a PlacementError."""
        dtype = self.dtype if dtype is None else dtype
        if isinstance(x, jax.Array):  # traced ones too
            if not self._alone and not isinstance(x, jax.core.Tracer) and x.device != self.device:
                msg = f"an array on {x.device} was handed to {self!r}; move it with jax.device_put first"
                raise PlacementError(msg)
            return x if x.dtype == dtype else x.astype(dtype)
        return jax.device_put(np.array(x, dtype=dtype), self.device)

    def indices(self, x: object) -> Array:
        """x as an array of the widest integers there are."""
        return self.asarray(x, self.xp.int64)

    def placement(self, x: Array) -> tuple[DType, Device]:
        """The dtype and the device; a value that is being traced is wherever it is needed."""
        return x.dtype, self.device if isinstance(x, jax.core.Tracer) else x.device

    def to_numpy(self, x: Array) -> HostArray:
        """The values of x on the host, after waiting for them."""
        return np.asarray(x)

    def device_scope(self) -> AbstractContextManager[object]:
        """A context in which JAX creates on this device."""
        scope: AbstractContextManager[object] = jax.default_device(self.device)
        return scope

    def synchronize(self) -> None:
        """Wait until the device has done everything asked of it."""
        jax.device_put(jnp.zeros(()), self.device).block_until_ready()

    def compile(self, step: Callable[..., tuple[Array, ...]], donate: int = 0) -> Callable[..., tuple[Array, ...]]:
        """`jax.jit`, which traces the step once a shape; donated arrays give their memory to the results."""
        compiled: Callable[..., tuple[Array, ...]] = jax.jit(step, donate_argnums=tuple(range(donate)))
        return _apart(compiled) if donate else compiled

    def remarks(self) -> list[str]:
        """Whether this process has 64-bit numbers."""
        return ["64-bit numbers are on" if has_float64() else "64-bit numbers are off (XPNET_DTYPE=float64)"]

    @property
    def device_name(self) -> str:
        """The device's name as XPNET_DEVICE takes it, e.g. "cpu:0"."""
        return devices.name_of(self.device)


def _apart(compiled: Callable[..., tuple[Array, ...]]) -> Callable[..., tuple[Array, ...]]:
    """The program with arrays that are given twice copied: memory can be given away once."""

    def run(*arrays: Array) -> tuple[Array, ...]:
        if len({id(x) for x in arrays}) < len(arrays):
            first = {id(x): place for place, x in reversed(list(enumerate(arrays)))}
            pairs = enumerate(arrays)
            arrays = tuple(x if first[id(x)] == place else jnp.array(x, copy=True) for place, x in pairs)
        return compiled(*arrays)

    return run
