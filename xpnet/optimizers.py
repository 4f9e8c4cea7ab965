"""Update rules: pure formulas over whatever vectors a store hands them."""

import math
from dataclasses import dataclass
from typing import Protocol, final, runtime_checkable

from xpnet._typing import Array
from xpnet.errors import RecipeError
from xpnet.parameters import ParameterStore


class Optimizer(Protocol):
    """What moves parameters along their gradients: anything with `update`."""

    def update(self, store: ParameterStore) -> None:
        """One step on every parameter of the store, which clears the gradients."""


@runtime_checkable
class Traceable(Optimizer, Protocol):
    """An optimizer whose step may be compiled once and then run at any learning rate."""

    @property
    def learning_rate(self) -> float:
        """The rate of `update`."""

    @property
    def slots(self) -> tuple[str, ...]:
        """The optimizer slots of a store that its step reads and writes."""

    def prepare(self, store: ParameterStore) -> None:
        """Raise unless the store holds what the step needs."""

    def update_at(self, store: ParameterStore, learning_rate: Array | float) -> None:
        """`update` at another learning rate, which may be an array () of the store's backend."""


@final
@dataclass(frozen=True)
class Sgd:
    """X ← X - η (dX + λ X), or with inertia μ: δ ← (1-μ)(dX + λ X) + μ δ, X ← X - η δ.

    learning_rate η, weight_decay λ, inertia μ in [0, 1). The inertia is gblearn2's: δ is a running mean of gradients,
    where heavy ball keeps a running sum; the same path needs η_heavy = η (1-μ).

    >>> Sgd(0.1).update  # doctest: +ELLIPSIS
    <bound method Sgd.update of Sgd(learning_rate=0.1, weight_decay=0.0, inertia=0.0)>
    """

    learning_rate: float
    weight_decay: float = 0.0
    inertia: float = 0.0

    def __post_init__(self) -> None:
        for name in ("learning_rate", "weight_decay", "inertia"):
            value = getattr(self, name)
            if not (_is_finite(value) and value >= 0) or (name == "inertia" and value >= 1):
                bounds = "in [0, 1)" if name == "inertia" else "finite and at least 0"
                msg = f"{name} must be {bounds}; got {value!r}"
                raise RecipeError(msg)

    @property
    def slots(self) -> tuple[str, ...]:
        """The running mean of gradients, if there is inertia."""
        return ("deltas",) if self.inertia else ()

    def prepare(self, store: ParameterStore) -> None:
        """Nothing is needed: δ starts at zero."""

    def update(self, store: ParameterStore) -> None:
        """One step on every parameter of the store, which clears the gradients."""
        self.update_at(store, float(self.learning_rate))

    def update_at(self, store: ParameterStore, learning_rate: Array | float) -> None:
        """The step at another learning rate."""
        sgd = store.backend.ops.sgd
        # Python floats promote no array; a NumPy scalar given as weight decay would.
        rates = learning_rate, float(self.weight_decay), float(self.inertia)
        store.update(
            lambda x, dx, deltas: sgd(x, dx, deltas, *rates),
            "deltas" if self.inertia else None,
        )


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except TypeError:  # a text or None, from somebody's settings
        return False
