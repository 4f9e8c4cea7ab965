"""Gradient descent that finds its own steps."""

from dataclasses import dataclass
from typing import final

from xpnet._typing import Array, Namespace
from xpnet.errors import RecipeError
from xpnet.inference.landscape import Point

LARGEST = 1e10  # a step on a flat energy grows no further
ROUNDING = 10.0  # so many times the dtype's eps, relative, is no difference of energies


@final
@dataclass(frozen=True)
class LineSearch:
    """y ← y - t dE/dy, where E falls by at least c t ‖dE/dy‖² (Armijo): energies never go up, but for rounding.

    Energies that differ by rounding alone say nothing; there the slopes decide, whether the way still led down at its
    end (Hager & Zhang 2005), so that gradients well below the square root of the dtype's precision can be reached.

    One trial a step and replica, and a t for each replica: a refused t is shortened; an accepted one is followed by
    that of Barzilai and Borwein (1988), t = s·z / z·z for the move s and the change z of the gradient, an inverse of
    the curvature just seen (their shorter step: the longer one is too often refused), or where E curves down by 2t.
    first: the t tried first. shrink: what a refused t is multiplied by. sufficient: c, below ½.

    >>> LineSearch(first=0.1)
    LineSearch(first=0.1, shrink=0.25, sufficient=0.0001)
    """

    first: float = 1.0
    shrink: float = 0.25
    sufficient: float = 1e-4

    def __post_init__(self) -> None:
        for name, largest in (("first", LARGEST), ("shrink", 1.0), ("sufficient", 0.5)):
            value = getattr(self, name)
            if not 0.0 < value < largest:
                msg = f"{name} of a LineSearch must be between 0 and {largest:g}; got {value!r}"
                raise RecipeError(msg)

    def begin(self, xp: Namespace, here: Point) -> "Backtracking":
        """A search from these points."""
        return Backtracking(self, xp, here)


@final
class Backtracking:
    """A line search under way: `step` is the t of each replica."""

    def __init__(self, settings: LineSearch, xp: Namespace, here: Point) -> None:
        self._settings, self._xp = settings, xp
        self._rounding = ROUNDING * float(xp.finfo(here.energy.dtype).eps)
        self.step: Array = xp.full_like(here.energy, settings.first)

    def propose(self, here: Point) -> Array:
        """y - t dE/dy."""
        return here.value - self.step[..., None] * here.slope

    def judge(self, here: Point, there: Point) -> Array:
        """Where E fell enough for the way gone; and the next t."""
        xp = self._xp
        move, bend, least = there.value - here.value, there.slope - here.slope, self._settings.sufficient
        fall, ahead = xp.vecdot(move, here.slope), xp.vecdot(move, there.slope)
        level = xp.abs(there.energy - here.energy) <= self._rounding * xp.abs(here.energy)
        accepted = (there.energy <= here.energy + least * fall) | (level & (ahead <= (2.0 * least - 1.0) * fall))
        up, square = xp.vecdot(move, bend), xp.vecdot(bend, bend)
        curved = (up > 0) & (square > 0)
        fresh = xp.where(curved, up / xp.where(curved, square, 1.0), 2.0 * self.step)
        self.step = xp.minimum(xp.where(accepted, fresh, self._settings.shrink * self.step), LARGEST)
        return accepted
