"""What a backend is: one array library, on one device, with one real dtype."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import ClassVar, Self, final

from xpnet._typing import Array, Device, DType, HostArray, Namespace, Op, Shape
from xpnet.backend.capabilities import Capabilities, probe
from xpnet.backend.settings import setting
from xpnet.errors import BackendError, PlacementError, nearest


@final
class OpsTable:
    """The primitives of one backend, each resolved once; `table.linear(x, weight, bias)` is a plain call."""

    def __init__(self, ops: dict[str, Op], accelerated: frozenset[str] = frozenset()) -> None:
        self.__dict__.update(ops)
        self.accelerated = accelerated

    def __getattr__(self, name: str) -> Op:
        known = self.__dict__.keys() - {"accelerated"}
        msg = f"no primitive {name!r} in this table; {nearest(name, known)}"
        raise AttributeError(msg)


# What a step is told that takes numbers out of arrays while it is being compiled.
HOST_READ = "the step reads numbers on the host, which a compiled program would do once and for ever"


class Backend(ABC):
    """One array library on one device with one real dtype; everything that is not maths goes through it.

    A plugin subclasses this, sets `name`, and fills `xp` and `ops`; see backends/README.md.
    """

    name: ClassVar[str]
    synchronous: bool = True  # reading one number costs nothing: the host is the device

    one_place: bool = False  # the library has a single device, so only dtypes can differ
    capture_pays: bool = False  # a compiled step is so much faster that training compiles it unasked
    precisions: ClassVar[tuple[str, ...]] = ("full",)  # of float32 products; a backend with more takes `precision=`

    ops: OpsTable

    def __init__(
        self, xp: Namespace, device: str | None = None, dtype: str = "float32", precision: str = "full"
    ) -> None:
        if dtype not in ("float32", "float64"):
            msg = f"backend {self.name!r} has no real dtype {dtype!r}; {nearest(dtype, ('float32', 'float64'))}"
            raise BackendError(msg)
        require_precision(type(self), precision, dtype)
        self.xp = xp
        self.precision = precision
        self._own_kinds: set[type] = set()
        self.deterministic = setting("deterministic") == "on"
        self.device: Device = self.parse_device(device)
        self.dtype_name = dtype
        self.dtype: DType = getattr(xp, dtype)
        self.capabilities: Capabilities = probe(self)
        if dtype == "float64" and not self.capabilities.float64:
            msg = f"device {self.device} of backend {self.name!r} has no float64; use dtype='float32'"
            raise BackendError(msg)

    @abstractmethod
    def parse_device(self, device: str | None) -> Device:
        """The library's own device object for a name such as "cuda:1"; None means its default.

        Raises BackendError for a device that does not exist.
        """

    @abstractmethod
    def to_numpy(self, x: Array) -> HostArray:
        """A NumPy array with the values of x: the only way to the host."""

    def asarray(self, x: object, dtype: DType | None = None) -> Array:
        """x as an array of this backend, on its device; dtype None means the backend's real dtype."""
        return self.xp.asarray(x, dtype=self.dtype if dtype is None else dtype, device=self.device)

    def indices(self, x: object) -> Array:
        """Integers (labels, positions) as an int64 array on this backend's device."""
        return self.xp.asarray(x, dtype=self.xp.int64, device=self.device)

    def distinct(self, ids: Array) -> Array:
        """Integers (n,), each of them once if finding out costs nothing; otherwise, as here, ids itself.

        How many there are depends on their values, for which a device would have to be waited for.
        """
        return ids

    def zeros(self, shape: Shape) -> Array:
        """Zeros of the backend's real dtype on its device."""
        return self.xp.zeros(shape, dtype=self.dtype, device=self.device)

    def ones(self, shape: Shape) -> Array:
        """Ones of the backend's real dtype on its device."""
        return self.xp.ones(shape, dtype=self.dtype, device=self.device)

    def placement(self, x: Array) -> tuple[DType, Device]:
        """Where x lives: equal placements may meet in one operation."""
        return x.dtype, x.device

    def device_scope(self) -> AbstractContextManager[object]:
        """A context in which the library allocates on this backend's device."""
        return nullcontext()

    def stream(self) -> AbstractContextManager[object]:
        """A context whose work may overlap with what is asked outside it; what follows it waits for it."""
        return nullcontext()

    def prefetch(self, batches: Iterable[tuple[HostArray, ...]]) -> Iterator[tuple[Array, ...]]:
        """Minibatches of host arrays on the device: integers as indices, the rest in the real dtype.

        A backend whose copies run beside its computations brings the next one in meanwhile.
        """
        for batch in batches:
            yield tuple(self.indices(part) if part.dtype.kind in "iu" else self.asarray(part) for part in batch)

    def compile(self, step: Callable[..., tuple[Array, ...]], donate: int = 0) -> Callable[..., tuple[Array, ...]]:
        """A pure function of arrays to a tuple of arrays, made as fast as this library can; here it is left as it is.

        donate: the first results take the places of so many first arguments, which the caller gives up.
        """
        return step

    def memory_stats(self) -> dict[str, int]:
        """Bytes "used" by arrays, "held" by the pool, "free" and "total" on the device, and the pool's "limit"."""
        return {}

    def remarks(self) -> list[str]:
        """What `xpnet doctor` tells beside the facts, such as an optional accelerator that is missing."""
        return []

    @abstractmethod
    def synchronize(self) -> None:
        """Wait until everything asked of the device has been done."""

    def with_dtype(self, dtype: str) -> Self:
        """This library and device with another real dtype."""
        reduced = {} if self.precision == "full" else {"precision": self.precision}
        return type(self)(device=self.device_name, dtype=dtype, **reduced)

    def require_same_placement(self, a: Array, b: Array, where: str) -> None:
        """Raise PlacementError, naming both sides, unless a and b may meet in one operation."""
        # Libraries first: dtypes of different libraries cannot be compared.
        if _library(a) != _library(b) or self.placement(a) != self.placement(b):
            msg = f"{where} must share one dtype and device; got {_words(a)} and {_words(b)}. {_REMEDY}"
            raise PlacementError(msg)

    def require_own(self, x: Array, where: str) -> None:
        """Raise PlacementError unless x is an array of this backend's library."""
        if type(x) in self._own_kinds:
            return
        own, found = _library(self.zeros(())), _library(x)
        if found != own:
            msg = f"{where} computes with {own}; got {type(x).__name__} of {found}. {_REMEDY}"
            raise PlacementError(msg)
        self._own_kinds.add(type(x))

    @property
    def device_name(self) -> str:
        """The device by the name that `parse_device` understands."""
        return str(self.device)

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self  # a backend is a place, not a value: copies of a machine stay where they are

    def __repr__(self) -> str:
        precision = "" if self.precision == "full" else f", precision={self.precision!r}"
        return f"{type(self).__name__}(device={self.device_name!r}, dtype={self.dtype_name!r}{precision})"


def require_precision(kind: type[Backend], precision: str, dtype: str) -> None:
    """Raise BackendError unless products of this dtype can be had in this precision."""
    if precision not in kind.precisions:
        msg = f"backend {kind.name!r} has no precision {precision!r}; {nearest(precision, kind.precisions)}"
        raise BackendError(msg)
    if precision != "full" and dtype != "float32":
        msg = f"precision {precision!r} is of float32 products, but dtype is {dtype}; take dtype='float32' or 'full'"
        raise BackendError(msg)


_REMEDY = "Bring data in with backend.asarray(...); choose another dtype with XPNET_DTYPE or get_backend(dtype=...)"


def _words(x: Array) -> str:
    return f"{x.dtype} on {x.device} ({_library(x)})"


def _library(x: Array) -> str:
    return type(x).__module__.partition(".")[0].removesuffix("lib")  # JAX's arrays are jaxlib's, its traced ones jax's
