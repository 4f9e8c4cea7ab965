"""Stochastic diagonal Levenberg-Marquardt."""

from dataclasses import dataclass
from typing import final
from weakref import WeakSet

from xpnet._typing import Array
from xpnet.checks import real
from xpnet.errors import ParameterError, RecipeError
from xpnet.parameters import ParameterStore
from xpnet.second_order.curvature import SLOT

_measured: WeakSet[ParameterStore] = WeakSet()  # stores known to hold a curvature


@final
@dataclass(frozen=True)
class DiagLm:
    """Stochastic diagonal Levenberg-Marquardt: X ← X - η ε ∘ (dX + λ X) with ε_i = 1 / (max(h_i, 0) + μ).

    learning_rate η; mu μ > 0, which bounds the rate where the energy is flat; weight_decay λ. h is what `measure` found
    and may be measured anew as learning goes on, on a few hundred samples. A negative h (a cost may have one) counts
    as flat.

    >>> DiagLm(0.1, mu=0.02)
    DiagLm(learning_rate=0.1, mu=0.02, weight_decay=0.0)
    """

    learning_rate: float
    mu: float = 0.02
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        for name in ("learning_rate", "weight_decay", "mu"):
            real(getattr(self, name), name, error=RecipeError)
        if not (self.learning_rate >= 0 and self.weight_decay >= 0 and self.mu > 0):
            msg = f"learning_rate and weight_decay must be at least 0 and mu above 0; got {self}"
            raise RecipeError(msg)

    @property
    def slots(self) -> tuple[str, ...]:
        """The curvature."""
        return (SLOT,)

    def prepare(self, store: ParameterStore) -> None:
        """Raise ParameterError unless the curvature has been measured."""
        if store not in _measured:
            if SLOT not in store.slots_dict():
                msg = "this store holds no curvature; call xpnet.second_order.measure(store, sample, desired) first"
                raise ParameterError(msg)
            _measured.add(store)

    def update(self, store: ParameterStore) -> None:
        """One step on every parameter of the store, which clears the gradients."""
        self.prepare(store)
        self.update_at(store, float(self.learning_rate))

    def update_at(self, store: ParameterStore, learning_rate: Array | float) -> None:
        """The step at another learning rate."""
        step = store.backend.ops.diag_lm
        rates = learning_rate, float(self.mu), float(self.weight_decay)
        store.update(lambda x, dx, h: (step(x, dx, h, *rates), h), SLOT)
