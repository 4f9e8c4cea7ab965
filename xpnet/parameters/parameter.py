"""A trainable state."""

from copy import deepcopy
from itertools import count
from typing import Protocol, Self

from xpnet._typing import Array, Shape
from xpnet.backend import Backend, get_backend
from xpnet.checks import shape_of
from xpnet.errors import PlacementError, ShapeError
from xpnet.ops.broadcast import sum_to
from xpnet.parameters.initializers import Initializer, constant
from xpnet.parameters.rows import require_rows, spread
from xpnet.state import State
from xpnet.streams import stream

_ordinals = count()


class Home(Protocol):
    """What a parameter lives in: a store's storage."""

    backend: Backend


class Parameter(State):
    """A state that learns: it has a shape and a first value, and a store gives it a name and a home.

    Unlike other states, a parameter keeps its dx until the update that uses it, so the gradients of a minibatch, of
    replicas and of shared places add up. In a store with views, x and dx are slots of two long vectors; the store
    is then the one place where arrays are written into.

    Used without a store, a parameter draws its first value on the backend in force when it is first read.
    """

    __slots__ = ("home", "init", "name", "ordinal", "shape", "slot")

    def __init__(self, shape: Shape, init: Initializer | None = None) -> None:
        super().__init__()
        self.shape = shape_of(shape, "a parameter")
        self.init = init or constant(0.0)
        self.name = ""
        self.ordinal = next(_ordinals)
        self.slot: Array | None = None  # where dx is kept, in a store with views
        self.home: Home | None = None  # the store's storage that this parameter lives in

    def draw(self, backend: Backend, seed: int, purpose: str | int) -> Array:
        """The first value on this backend, keyed by the seed and the parameter's name."""
        host = self.init(stream(seed, "parameter", purpose), self.shape)
        if tuple(host.shape) != self.shape:
            msg = f"parameter {self.name or purpose} has shape {self.shape}; its initializer gave {tuple(host.shape)}"
            raise ShapeError(msg)
        return backend.asarray(host)

    @property
    def x(self) -> Array:
        """The value."""
        if self._x is None:
            self._x = self.draw(get_backend(), 0, self.ordinal)
        return self._x

    @x.setter
    def x(self, value: Array) -> None:
        if tuple(value.shape) != self.shape:
            msg = f"parameter {self.name!r} has shape {self.shape}; got a value of shape {tuple(value.shape)}"
            raise ShapeError(msg)
        held = self._x
        place = self.backend.placement
        if held is not None and (held.dtype != value.dtype or place(held) != place(value)):
            msg = (
                f"parameter {self.name!r} is {held.dtype} on {held.device}; got a value of {value.dtype} on "
                f"{value.device}. Bring it in with backend.asarray(...), or move all parameters with store.to(...)"
            )
            raise PlacementError(msg)
        if self.slot is None:
            self._x = value
        else:
            self.x[...] = value
        self.clear()

    @property
    def room(self) -> Array | None:
        """Where the first gradient of this step may be written right away; None if there is no such place."""
        return self.slot if self.dx is None else None

    def accumulate(self, dx: Array) -> None:
        """dx += the given gradient; the first one of a step is copied or already stands in its slot."""
        if self.slot is None:
            super().accumulate(dx)
            return
        slot = self.slot
        if dx.shape != self.shape:
            dx = sum_to(dx, self.shape)
        if self.dx is not None:
            slot += dx
        elif dx is not slot:
            slot[...] = dx
        self.dx = slot

    @property
    def backend(self) -> Backend:
        """The store's backend; without a store, the one in force."""
        return get_backend() if self.home is None else self.home.backend

    def accumulate_rows(self, ids: Array, values: Array) -> None:
        """dx[ids_i] += values_i for integers ids (n,) and values (n, *row); ids may repeat.

        By way of a whole gradient: where the table is long, take a SparseParameter. Raises ShapeError or PlacementError
        unless both fit; LabelError for a row outside the table on the host (a device is not asked).
        """
        require_rows(self.backend, self.name, self.x, ids, values)
        self.accumulate(spread(self.backend, self.shape, ids, values))

    def settle(self, x: Array, slot: Array | None = None, home: Home | None = None) -> None:
        """Move into a store: x is the value from now on, `slot` the place for gradients, `home` who may update it."""
        self._x, self.slot, self.home = x, slot, home
        self.clear()

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        twin = type(self)(self.shape, self.init)
        twin.name = self.name
        twin.settle(deepcopy(self._x, memo))  # a copy lives on its own until a store takes it in
        return twin
