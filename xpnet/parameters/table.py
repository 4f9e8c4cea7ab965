"""Where a row-sparse parameter lives, in either layout of a store: in arrays of its own."""

from collections.abc import Callable
from typing import TypeAlias, final

from xpnet._typing import Array
from xpnet.backend import Backend
from xpnet.parameters.parameter import Home
from xpnet.parameters.rows import own
from xpnet.parameters.sparse import SparseParameter

# (x, dx, slot) -> (new x, new slot); it may overwrite what it is given.
UpdateRule: TypeAlias = Callable[[Array, Array, Array | None], tuple[Array, Array | None]]


@final
class Table:
    """One row-sparse parameter's value and optimizer slots, and the update of the rows that were touched.

    Were it part of the one long vector, each step would sweep it, and its gradient would take as much memory again.
    Updates write into these arrays where the library allows, so they are no one else's: the first value is copied here,
    and one that was assigned by the first update after it.
    """

    def __init__(self, backend: Backend, parameter: SparseParameter, value: Array, home: Home) -> None:
        self.backend, self.parameter, self.home = backend, parameter, home
        self.slots: dict[str, Array] = {}
        self._mine: Array = own(backend, value)

    def move_in(self) -> None:
        """Be the parameter's place from now on."""
        self.parameter.settle(self._mine, home=self.home)

    def update(self, rule: UpdateRule, slot: str | None) -> None:
        """The rule on the rows touched, on all rows if a whole gradient came in, on none if nothing did."""
        parameter, held = self.parameter, self.slot(slot) if slot else None
        if not (parameter.whole or parameter.touched):
            parameter.clear()
            return
        x = parameter.x if parameter.x is self._mine else own(self.backend, parameter.x)
        step = self._every_row if parameter.whole else self._touched_rows
        self._mine, held = step(rule, x, held)
        if slot:
            self.slots[slot] = held
        parameter.settle(self._mine, home=self.home)

    def adopt(self) -> None:
        """Take the value that was assigned as it is: nobody else has it."""
        self._mine = self.parameter.x

    def slot(self, slot: str) -> Array:
        """The optimizer's slot of that name; zeros at first."""
        if slot not in self.slots:
            self.slots[slot] = self.backend.zeros(self.parameter.shape)
        return self.slots[slot]

    def write_slot(self, slot: str, value: Array) -> None:
        """Set one optimizer slot to a copy of the value."""
        self.slots[slot] = own(self.backend, value)

    def _every_row(self, rule: UpdateRule, x: Array, held: Array | None) -> tuple[Array, Array | None]:
        return rule(x, self.parameter.release(), held)

    def _touched_rows(self, rule: UpdateRule, x: Array, held: Array | None) -> tuple[Array, Array | None]:
        take, replace = self.backend.xp.take, self.backend.ops.replace_rows
        ids, dx = self.parameter.rows()
        new, new_held = rule(take(x, ids, axis=0), dx, None if held is None else take(held, ids, axis=0))
        return replace(x, ids, new), None if held is None else replace(held, ids, new_held)
