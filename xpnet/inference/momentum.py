"""Gradient descent at a fixed rate, with momentum."""

from dataclasses import dataclass
from typing import final

from xpnet._typing import Array, Namespace
from xpnet.errors import RecipeError
from xpnet.inference.landscape import Point


@final
@dataclass(frozen=True)
class Momentum:
    """v ← μ v - η dE/dy, y ← y + v: heavy ball (Polyak 1964); with nesterov, the gradient is that at y + μ v.

    rate η, momentum μ in [0, 1). v is a running sum of gradients; Sgd's inertia is a running mean, so that the same
    path needs η_inertia = η / (1-μ). Energies may rise on the way. A step to where the energy is not finite is refused:
    that replica stays, loses its v, and goes on at half the rate. With nesterov, values and gradients are those of the
    points y + μ v, which end in the same minimum.

    >>> Momentum(0.1)
    Momentum(rate=0.1, momentum=0.9, nesterov=False)
    """

    rate: float
    momentum: float = 0.9
    nesterov: bool = False

    def __post_init__(self) -> None:
        if not 0.0 < self.rate < float("inf"):
            msg = f"rate of Momentum must be finite and above 0; got {self.rate!r}"
            raise RecipeError(msg)
        if not 0.0 <= self.momentum < 1.0:
            msg = f"momentum must be in [0, 1); got {self.momentum!r}"
            raise RecipeError(msg)

    def begin(self, xp: Namespace, here: Point) -> "Rolling":
        """A search from these points, at rest."""
        return Rolling(self, xp, here)


@final
class Rolling:
    """A search with momentum under way: `step` is the rate of each replica."""

    def __init__(self, settings: Momentum, xp: Namespace, here: Point) -> None:
        self._settings, self._xp = settings, xp
        self.step: Array = xp.full_like(here.energy, settings.rate)
        self._velocity: Array = xp.zeros_like(here.value)
        self._next: Array = self._velocity

    def propose(self, here: Point) -> Array:
        """y + v; in Nesterov's form y + μ v - η dE/dy, with the new v."""
        push, momentum = self.step[..., None] * here.slope, self._settings.momentum
        self._next = momentum * self._velocity - push
        return here.value + (momentum * self._next - push if self._settings.nesterov else self._next)

    def judge(self, here: Point, there: Point) -> Array:
        """Wherever the energy is finite."""
        accepted = self._xp.isfinite(there.energy)
        self._velocity = self._xp.where(accepted[..., None], self._next, 0.0)
        self.step = self._xp.where(accepted, self.step, 0.5 * self.step)
        return accepted
