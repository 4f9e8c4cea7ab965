"""Two ways to keep parameters: as views of one vector, or as leaves of a dictionary."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TypeAlias, final

from xpnet._typing import Array
from xpnet.backend import Backend
from xpnet.errors import ParameterError
from xpnet.parameters.layout import lay_out
from xpnet.parameters.parameter import Parameter

# (x, dx, slot) -> (new x, new slot); it may overwrite what it is given.
UpdateRule: TypeAlias = Callable[[Array, Array, Array | None], tuple[Array, Array | None]]


class Storage(ABC):
    """The arrays of a store: values, gradients and the optimizer's slots of the same layout."""

    def __init__(self, backend: Backend, parameters: Mapping[str, Parameter]) -> None:
        self.backend = backend
        self.parameters = dict(parameters)

    def require_home(self) -> None:
        """Raise ParameterError if a newer store of the same machine has taken the parameters over."""
        moved = [name for name, parameter in self.parameters.items() if parameter.home is not self]
        if moved:
            msg = (
                f"parameter {moved[0]!r} has moved to a newer ParameterStore of the same machine, so this one cannot "
                "update it any more; keep one store, and hand it to the trainer: SimpleTrainer(machine, cost, store)"
            )
            raise ParameterError(msg)

    @abstractmethod
    def update(self, rule: UpdateRule, slot: str | None) -> None:
        """Apply a rule to every parameter, with the optimizer slot of that name (zeros at first)."""

    @abstractmethod
    def slots(self) -> dict[str, dict[str, Array]]:
        """The optimizer's slots: {slot: {parameter: array}}."""

    @abstractmethod
    def write_slot(self, slot: str, values: Mapping[str, Array]) -> None:
        """Set one optimizer slot."""


@final
class Views(Storage):
    """One contiguous vector of values and one of gradients; an update is one operation on long vectors."""

    def __init__(self, backend: Backend, values: Mapping[str, Array], parameters: Mapping[str, Parameter]) -> None:
        super().__init__(backend, parameters)
        itemsize = 4 if backend.dtype_name == "float32" else 8
        self.layout, self.length = lay_out({name: p.shape for name, p in self.parameters.items()}, itemsize)
        self.values, self.gradients = backend.zeros((self.length,)), backend.zeros((self.length,))
        self.extra: dict[str, Array] = {}
        for name, parameter in self.parameters.items():
            view = self._view(self.values, name)
            view[...] = values[name]
            parameter.settle(view, self._view(self.gradients, name), self)

    def update(self, rule: UpdateRule, slot: str | None) -> None:
        """One call of the rule on the whole vectors."""
        for parameter in self.parameters.values():
            if parameter.dx is None and parameter.slot is not None:
                parameter.slot[...] = 0.0  # left over from an earlier step
        held = self._extra(slot) if slot else None
        values, new_slot = rule(self.values, self.gradients, held)
        if values is not self.values:
            self.values[...] = values
        if slot and new_slot is not held:
            self.extra[slot] = new_slot
        for parameter in self.parameters.values():
            parameter.clear()

    def slots(self) -> dict[str, dict[str, Array]]:
        """Views into the slot vectors."""
        return {slot: {n: self._view(vector, n) for n in self.parameters} for slot, vector in self.extra.items()}

    def write_slot(self, slot: str, values: Mapping[str, Array]) -> None:
        """Copy into the slot's vector."""
        for name, value in values.items():
            self._view(self._extra(slot), name)[...] = value

    def _extra(self, slot: str) -> Array:
        if slot not in self.extra:
            self.extra[slot] = self.backend.zeros((self.length,))
        return self.extra[slot]

    def _view(self, vector: Array, name: str) -> Array:
        place = self.layout[name]
        return self.backend.xp.reshape(vector[place.start : place.stop], place.shape)


@final
class Leaves(Storage):
    """Each parameter an array of its own, rebound by updates: for libraries whose arrays cannot be written."""

    def __init__(self, backend: Backend, values: Mapping[str, Array], parameters: Mapping[str, Parameter]) -> None:
        super().__init__(backend, parameters)
        self.extra: dict[str, dict[str, Array]] = {}
        for name, parameter in self.parameters.items():
            parameter.settle(values[name], home=self)

    def update(self, rule: UpdateRule, slot: str | None) -> None:
        """One call of the rule per parameter."""
        held = self._extra(slot) if slot else {}
        for name, parameter in self.parameters.items():
            dx = self.backend.zeros(parameter.shape) if parameter.dx is None else self._own(parameter.dx)
            x, new_slot = rule(self._own(parameter.x), dx, held.get(name))
            parameter.settle(x, home=self)
            if slot:
                held[name] = new_slot

    def _own(self, x: Array) -> Array:
        # A rule may overwrite what it is given, but others may hold a leaf or a gradient.
        return self.backend.xp.asarray(x, copy=True) if self.backend.capabilities.inplace else x

    def slots(self) -> dict[str, dict[str, Array]]:
        """The slots as they are."""
        return self.extra

    def write_slot(self, slot: str, values: Mapping[str, Array]) -> None:
        """Replace the slot's leaves."""
        self._extra(slot).update(values)

    def _extra(self, slot: str) -> dict[str, Array]:
        if slot not in self.extra:
            self.extra[slot] = {name: self.backend.zeros(p.shape) for name, p in self.parameters.items()}
        return self.extra[slot]
