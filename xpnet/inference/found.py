"""What a descent found."""

from dataclasses import dataclass
from math import prod
from typing import final

from array_api_compat import array_namespace

from xpnet._typing import Array
from xpnet.errors import ShapeError


@final
@dataclass(frozen=True)
class Descent:
    """What was found, as arrays of the backend: one entry for each answer, (*lead), unless another shape is given.

    value (*lead, *event), its energy, and the largest |dE/dvalue| of its components: where the search was confined by
    `project`, of the step to project(value - dE/dvalue). converged: gradient <= tolerance; stalled: rounding leaves no
    step that would change the value, although it has not converged. steps: how many trials were made.
    restart: which starting point led there, of those whose `energies` are (R, *lead).
    """

    value: Array
    energy: Array
    converged: Array
    stalled: Array
    gradient: Array
    steps: Array
    restart: Array
    energies: Array

    def lowest(self) -> "Descent":
        """The best along the first lead axis: of each column of starting points, the lowest energy found."""
        if self.energy.ndim == 0:
            msg = "this descent has a single answer; the best along the first lead axis needs one, energies (R, ...)"
            raise ShapeError(msg)
        xp = array_namespace(self.energy)
        best = xp.argmin(self.energy, axis=0, keepdims=True)

        def of_best(values: Array) -> Array:
            index = xp.reshape(best, (*best.shape, *(1,) * (values.ndim - best.ndim)))
            index = xp.broadcast_to(index, (1, *values.shape[1:]))
            return xp.take_along_axis(values, index, axis=0)[0, ...]

        kept = ("value", "energy", "converged", "stalled", "gradient", "steps")
        return Descent(
            **{name: of_best(getattr(self, name)) for name in kept}, restart=best[0, ...], energies=self.energy
        )

    def summary(self) -> str:
        """One line, such as "converged 31 of 32, largest gradient 2e-06, 17 to 143 steps"."""
        xp = array_namespace(self.energy)
        total = prod(self.energy.shape)
        text = f"converged {int(xp.count_nonzero(self.converged))} of {total}"
        if not total:
            return text
        stalled, fewest, most = int(xp.count_nonzero(self.stalled)), int(xp.min(self.steps)), int(xp.max(self.steps))
        text += f" ({stalled} stalled)" if stalled else ""
        span = f"{most}" if fewest == most else f"{fewest} to {most}"
        return f"{text}, largest gradient {float(xp.max(self.gradient)):.1g}, {span} step{'s' * (most != 1)}"
