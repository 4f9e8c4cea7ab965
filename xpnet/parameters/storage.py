"""Two ways to keep parameters: as views of one vector, or as leaves of a dictionary."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import final

from xpnet._typing import Array
from xpnet.backend import Backend
from xpnet.errors import ParameterError
from xpnet.parameters.layout import lay_out
from xpnet.parameters.parameter import Parameter
from xpnet.parameters.rows import own
from xpnet.parameters.sparse import SparseParameter
from xpnet.parameters.table import Table, UpdateRule


class Storage(ABC):
    """The arrays of a store: values, gradients and the optimizer's slots of the same layout.

    Made first, with all the memory that takes, and moved into by the parameters then.
    Row-sparse parameters are `tables`, the same in every layout; the others are `dense`, and laid out by a subclass.
    """

    def __init__(self, backend: Backend, values: Mapping[str, Array], parameters: Mapping[str, Parameter]) -> None:
        self.backend = backend
        self.parameters = dict(parameters)
        self.tables = {
            name: Table(backend, parameter, values[name], self)
            for name, parameter in parameters.items()
            if isinstance(parameter, SparseParameter)
        }
        self.dense = {name: parameter for name, parameter in parameters.items() if name not in self.tables}

    def move_in(self) -> None:
        """Be the parameters' home from now on; their gradients are cleared."""
        for table in self.tables.values():
            table.move_in()
        self.move_in_dense()

    def require_home(self) -> None:
        """Raise ParameterError if a newer store of the same machine has taken the parameters over."""
        moved = [name for name, parameter in self.parameters.items() if parameter.home is not self]
        if moved:
            msg = (
                f"parameter {moved[0]!r} has moved to a newer ParameterStore of the same machine, so this one cannot "
                "update it any more; keep one store, and hand it to the trainer: SimpleTrainer(machine, cost, store)"
            )
            raise ParameterError(msg)

    def update(self, rule: UpdateRule, slot: str | None) -> None:
        """Apply a rule to every parameter, with the optimizer slot of that name (zeros at first)."""
        self.update_dense(rule, slot)
        for table in self.tables.values():
            table.update(rule, slot)

    def adopt(self) -> None:
        """Take the values that were assigned as they are: nobody else has them."""
        for table in self.tables.values():
            table.adopt()

    def put(self, values: Mapping[str, Array]) -> None:
        """Set all values to arrays of the right form, unchecked: the old ones may be gone."""
        self.put_dense({name: values[name] for name in self.dense})
        for name, table in self.tables.items():
            table.parameter.settle(values[name], home=self)

    def slot(self, slot: str) -> dict[str, Array]:
        """One optimizer slot, {parameter: array}; zeros at first."""
        self.open_dense_slot(slot)
        held = {**self.dense_slots()[slot], **{name: table.slot(slot) for name, table in self.tables.items()}}
        return {name: held[name] for name in self.parameters}

    def slots(self) -> dict[str, dict[str, Array]]:
        """The optimizer's slots: {slot: {parameter: array}}."""
        return {
            slot: dict(held) | {name: table.slot(slot) for name, table in self.tables.items()}
            for slot, held in self.dense_slots().items()
        }

    def write_slot(self, slot: str, values: Mapping[str, Array]) -> None:
        """Set one optimizer slot."""
        self.write_dense_slot(slot, {name: value for name, value in values.items() if name in self.dense})
        for name in values.keys() & self.tables.keys():
            self.tables[name].write_slot(slot, values[name])

    @abstractmethod
    def move_in_dense(self) -> None:
        """`move_in` of the parameters that are no tables."""

    @abstractmethod
    def update_dense(self, rule: UpdateRule, slot: str | None) -> None:
        """`update` of the parameters that are no tables."""

    @abstractmethod
    def put_dense(self, values: Mapping[str, Array]) -> None:
        """`put` of the parameters that are no tables."""

    @abstractmethod
    def open_dense_slot(self, slot: str) -> None:
        """Make a slot of that name unless there is one."""

    @abstractmethod
    def dense_slots(self) -> dict[str, dict[str, Array]]:
        """`slots` of the parameters that are no tables; each slot is there even if all are tables."""

    @abstractmethod
    def write_dense_slot(self, slot: str, values: Mapping[str, Array]) -> None:
        """`write_slot` of the parameters that are no tables."""


@final
class Views(Storage):
    """One contiguous vector of values and one of gradients; an update is one operation on long vectors."""

    def __init__(self, backend: Backend, values: Mapping[str, Array], parameters: Mapping[str, Parameter]) -> None:
        super().__init__(backend, values, parameters)
        itemsize = 4 if backend.dtype_name == "float32" else 8
        self.layout, self.length = lay_out({name: p.shape for name, p in self.dense.items()}, itemsize)
        self.values, self.gradients = backend.zeros((self.length,)), backend.zeros((self.length,))
        self.extra: dict[str, Array] = {}
        for name in self.dense:
            self._view(self.values, name)[...] = values[name]

    def move_in_dense(self) -> None:
        """Slots of the two vectors."""
        for name, parameter in self.dense.items():
            parameter.settle(self._view(self.values, name), self._view(self.gradients, name), self)

    def update_dense(self, rule: UpdateRule, slot: str | None) -> None:
        """One call of the rule on the whole vectors."""
        for parameter in self.dense.values():
            if parameter.dx is None and parameter.slot is not None:
                parameter.slot[...] = 0.0  # left over from an earlier step
        held = self._extra(slot) if slot else None
        values, new_slot = rule(self.values, self.gradients, held)
        if values is not self.values:
            self.values[...] = values
        if slot and new_slot is not held:
            self.extra[slot] = new_slot
        for parameter in self.dense.values():
            parameter.clear()

    def put_dense(self, values: Mapping[str, Array]) -> None:
        """Copy into the vector."""
        for name, value in values.items():
            self.dense[name].x = value

    def open_dense_slot(self, slot: str) -> None:
        """One more vector."""
        self._extra(slot)

    def dense_slots(self) -> dict[str, dict[str, Array]]:
        """Views into the slot vectors."""
        return {slot: {n: self._view(vector, n) for n in self.dense} for slot, vector in self.extra.items()}

    def write_dense_slot(self, slot: str, values: Mapping[str, Array]) -> None:
        """Copy into the slot's vector."""
        vector = self._extra(slot)
        for name, value in values.items():
            self._view(vector, name)[...] = value

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
        super().__init__(backend, values, parameters)
        self.extra: dict[str, dict[str, Array]] = {}
        self._first = {name: values[name] for name in self.dense}

    def move_in_dense(self) -> None:
        """The arrays as they came."""
        self.put_dense(self._first)
        self._first = {}

    def update_dense(self, rule: UpdateRule, slot: str | None) -> None:
        """One call of the rule per parameter."""
        held = self._extra(slot) if slot else {}
        for name, parameter in self.dense.items():
            # Others may hold a leaf or a gradient.
            dx = self.backend.zeros(parameter.shape) if parameter.dx is None else own(self.backend, parameter.dx)
            x, new_slot = rule(own(self.backend, parameter.x), dx, held.get(name))
            parameter.settle(x, home=self)
            if slot:
                held[name] = new_slot

    def put_dense(self, values: Mapping[str, Array]) -> None:
        """Take the arrays themselves."""
        for name, value in values.items():
            self.dense[name].settle(value, home=self)

    def open_dense_slot(self, slot: str) -> None:
        """One more leaf for each parameter."""
        self._extra(slot)

    def dense_slots(self) -> dict[str, dict[str, Array]]:
        """The slots as they are."""
        return self.extra

    def write_dense_slot(self, slot: str, values: Mapping[str, Array]) -> None:
        """Replace the slot's leaves by copies, since rules write into them."""
        self._extra(slot).update({name: own(self.backend, value) for name, value in values.items()})

    def _extra(self, slot: str) -> dict[str, Array]:
        if slot not in self.extra:
            self.extra[slot] = {name: self.backend.zeros(p.shape) for name, p in self.dense.items()}
        return self.extra[slot]
