"""The home of a machine's parameters: names, places, sharing, transfer, and the update."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from math import prod
from typing import TYPE_CHECKING, Self, final

from xpnet._typing import Array, HostArray
from xpnet.backend import Backend, get_backend, on_its_device, setting
from xpnet.errors import BackendError, ParameterError, nearest
from xpnet.parameters.names import named
from xpnet.parameters.parameter import Parameter
from xpnet.parameters.sharing import Tied
from xpnet.parameters.state_dict import checked_slots, checked_values
from xpnet.parameters.storage import Leaves, Storage, Views
from xpnet.parameters.table import UpdateRule

if TYPE_CHECKING:
    from xpnet.module import Module

LAYOUTS = ("auto", "view", "leaf")


@final
class ParameterStore:
    """Every distinct parameter of a machine under its name, kept together on one backend.

    Walks the machine once, binds it to the backend and draws first values from the seed, the same on every backend.
    A parameter that stands in several places has one name (its first place), one slot and one update; the other
    places are `aliases()`. Where the library has views, all values are one vector and all gradients another; sparse
    parameters stay outside, so that an update need not sweep them.

    backend: a backend or its name; None for the one in force.
    layout: "view", "leaf", or None for what XPNET_STORE and the library allow.
    """

    def __init__(
        self, machine: "Module", backend: Backend | str | None = None, seed: int = 0, *, layout: str | None = None
    ) -> None:
        from xpnet.module import require_module  # modules know parameters, so not at import

        require_module(machine, "the machine of a ParameterStore")
        self.machine = machine
        self.backend = backend if isinstance(backend, Backend) else get_backend(backend)
        self._storage: Storage
        self.seed = seed
        self._layout = layout or setting("store")
        if self._layout not in LAYOUTS:
            msg = f"unknown layout {self._layout!r} of a store; {nearest(self._layout, LAYOUTS)}"
            raise ParameterError(msg)
        machine.bind(self.backend)
        self._parameters, self._aliases = named(machine)
        with self.backend.device_scope():
            self._settle({name: p.draw(self.backend, seed, name) for name, p in self._parameters.items()})

    # --- names ---------------------------------------------------------------------------------------------

    @property
    def names(self) -> list[str]:
        """The distinct parameters' names, in the machine's order."""
        return list(self._parameters)

    def aliases(self) -> dict[str, str]:
        """{other place of a shared parameter: its name}."""
        return dict(self._aliases)

    def __getitem__(self, name: str) -> Parameter:
        """The parameter of that name, or of that alias."""
        name = self._aliases.get(name, name)
        if name not in self._parameters:
            msg = f"this machine has no parameter {name!r}; {nearest(name, self._parameters)}"
            raise ParameterError(msg)
        return self._parameters[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __len__(self) -> int:
        return len(self._parameters)

    @property
    def size(self) -> int:
        """The number of trainable numbers, each shared one counted once."""
        return sum(prod(p.shape) for p in self._parameters.values())

    # --- learning ------------------------------------------------------------------------------------------

    @on_its_device
    def update(self, rule: UpdateRule, slot: str | None = None) -> None:
        """Apply an update rule to all parameters and clear their gradients; see xpnet.optimizers."""
        self._storage.require_home()
        self._storage.update(rule, slot)

    def clear(self) -> None:
        """Forget all gradients."""
        for parameter in self._parameters.values():
            parameter.clear()

    @on_its_device
    def gradients(self) -> dict[str, HostArray]:
        """{name: dx on the host}; zeros where nothing was accumulated."""
        pending = {name: (p.dx, p.shape) for name, p in self._parameters.items()}
        return {
            name: self._host(self.backend.zeros(shape) if dx is None else dx) for name, (dx, shape) in pending.items()
        }

    # --- as arrays -----------------------------------------------------------------------------------------

    def arrays(self, slots: Sequence[str] = ()) -> list[Array]:
        """All values in the order of `names`, then those of each optimizer slot: what a step reads and writes."""
        self._storage.require_home()
        held = [self._storage.slot(slot) for slot in slots]
        return [p.x for p in self._parameters.values()] + [slot[name] for slot in held for name in self]

    def put_arrays(self, arrays: Sequence[Array], slots: Sequence[str] = (), *, given_up: bool = False) -> None:
        """Take over what `arrays` gave, changed by a step; gradients are cleared.

        given_up: nobody else has these arrays, so that updates may write into them.
        """
        count = len(self)
        self._storage.put(dict(zip(self, arrays[:count], strict=True)))
        if given_up:
            self._storage.adopt()
        for place, slot in enumerate(slots, start=1):
            self._storage.write_slot(slot, dict(zip(self, arrays[place * count : (place + 1) * count], strict=True)))

    def scatter(self, backend: Backend) -> None:
        """Keep each parameter as an array of its own from now on, on a backend of the same place."""
        before, self._layout = self._layout, "leaf"
        try:
            self.to(backend)
        except BaseException:
            self._layout = before
            raise

    # --- sharing -------------------------------------------------------------------------------------------

    @on_its_device
    def tie(self, alias: str, target: str, transform: str | None = None) -> None:
        """Let the place `alias` use the parameter `target`: one slot, one update, gradients summed.

        transform: None, or "transpose" for W = Uᵀ. Raises ParameterError if names or shapes do not fit.
        """
        tied, kept = self[alias], self[target]
        if tied is kept:
            return
        replacement = kept if transform is None else Tied(kept, transform)
        if replacement.shape != tied.shape:
            msg = (
                f"cannot tie {alias!r} of shape {tied.shape} to {target!r} of shape {kept.shape} with "
                f"transform={transform!r}, which gives {replacement.shape}"
            )
            raise ParameterError(msg)
        # By identity: where the target comes after the alias, it takes over the alias's name.
        values = {id(p): (p.x, name) for name, p in self._parameters.items()}
        slots = self._storage.slots()
        for _, owner, attribute, parameter in list(self.machine.named_parameters()):
            if parameter is tied:
                setattr(owner, attribute, replacement)
            elif isinstance(parameter, Tied) and parameter.target is tied:  # a tie to what is now itself tied
                setattr(owner, attribute, Tied(kept, parameter.transform) if transform is None else kept)
        self._parameters, self._aliases = named(self.machine)
        self._settle({name: values[id(p)][0] for name, p in self._parameters.items()})
        old_names = {name: values[id(p)][1] for name, p in self._parameters.items()}
        renamed = {slot: {new: held[old] for new, old in old_names.items()} for slot, held in slots.items()}
        _write_slots(self._storage, renamed)

    # --- transfer ------------------------------------------------------------------------------------------

    def to(self, place: Backend | str) -> Self:
        """Move values, optimizer slots and the machine to another backend, or to another device of this one by name.

        Gradients are cleared. If it fails, say for want of memory there, nothing has changed.
        """
        self._storage.require_home()
        here = self.backend
        backend = place if isinstance(place, Backend) else self._sibling(place)
        values, slots = self.state_dict(), self.slots_dict()
        with backend.device_scope():
            storage = self._stored(backend, {name: backend.asarray(value) for name, value in values.items()})
            _write_slots(storage, slots)
        try:
            self.machine.bind(backend)  # which may bring tables of its own there
        except BaseException:
            self.machine.bind(here)
            raise
        self.backend, self._storage = backend, storage
        storage.move_in()
        return self

    @on_its_device
    def state_dict(self) -> dict[str, HostArray]:
        """{name: copy on the host, C order}, each shared parameter once."""
        return {name: self._host(p.x) for name, p in self._parameters.items()}

    @on_its_device
    def load_state_dict(self, values: Mapping[str, HostArray]) -> None:
        """Take over the values of a state dict; ParameterError, and nothing changed, unless all of it fits."""
        self._storage.require_home()
        shapes = {name: p.shape for name, p in self._parameters.items()}
        for name, value in checked_values(values, shapes, self.backend.dtype_name, self._aliases).items():
            self._parameters[name].x = self.backend.asarray(value.copy())
        self._storage.adopt()

    @on_its_device
    def slots_dict(self) -> dict[str, dict[str, HostArray]]:
        """The optimizer's slots on the host: {slot: {name: array}}."""
        return {
            slot: {name: self._host(value) for name, value in held.items()}
            for slot, held in self._storage.slots().items()
        }

    @on_its_device
    def load_slots_dict(self, slots: Mapping[str, Mapping[str, HostArray]]) -> None:
        """Take over optimizer slots; ParameterError, and nothing changed, unless all of them fit.

        Slots that are not given stay.
        """
        shapes = {name: p.shape for name, p in self._parameters.items()}
        _write_slots(self._storage, checked_slots(slots, shapes, self.backend.dtype_name, self._aliases))

    # --- inside --------------------------------------------------------------------------------------------

    def _sibling(self, device: object) -> Backend:
        here = self.backend
        if not isinstance(device, str):
            msg = f"a store moves to a backend, or to a device by its name, such as to('cuda:1'); got {device!r}"
            raise BackendError(msg)
        return get_backend(here.name, device=device, dtype=here.dtype_name, precision=here.precision)

    def _settle(self, values: Mapping[str, Array]) -> None:
        self._storage = self._stored(self.backend, values)
        self._storage.move_in()

    def _stored(self, backend: Backend, values: Mapping[str, Array]) -> Storage:
        views = backend.capabilities.views
        if self._layout == "view" and not views:
            msg = f"backend {backend.name!r} has no views; take layout='leaf' or XPNET_STORE=auto"
            raise ParameterError(msg)
        kind = Views if views and self._layout != "leaf" else Leaves
        return kind(backend, values, self._parameters)

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """A store of its own for the copied machine, with the same values and slots."""
        twin = object.__new__(type(self))
        memo[id(self)] = twin
        vars(twin).update({name: deepcopy(held, memo) for name, held in vars(self).items() if name != "_storage"})
        with self.backend.device_scope():
            twin._settle({name: p.x for name, p in twin._parameters.items()})
            slots, copied = self._storage.slots(), self.backend.xp.asarray
            own = {slot: {name: copied(x, copy=True) for name, x in held.items()} for slot, held in slots.items()}
            _write_slots(twin._storage, own)
        return twin

    def _host(self, x: Array) -> HostArray:
        return self.backend.to_numpy(x).copy(order="C")

    def __repr__(self) -> str:
        shared = f", {len(self._aliases)} shared places" if self._aliases else ""
        return f"ParameterStore({len(self)} parameters, {self.size} numbers{shared}, {self.backend!r})"


def _write_slots(storage: Storage, slots: Mapping[str, Mapping[str, Array]]) -> None:
    """Optimizer slots from arrays of any place and dtype."""
    for slot, held in slots.items():
        kept = {name: storage.backend.asarray(value) for name, value in held.items() if name in storage.parameters}
        storage.write_slot(slot, kept)
