"""A continuous latent variable, eliminated by descent."""

from dataclasses import dataclass
from typing import Literal, final

from xpnet._typing import Array
from xpnet.errors import ShapeError
from xpnet.inference.descent import Descent, Method, descend
from xpnet.module import Module
from xpnet.state import State


@final
@dataclass(frozen=True, eq=False)
class Relaxation:
    """E(X, Y) = min_Z E(X, Y, Z) for a continuous Z: trainers take it as `latent`, in place of Min() over a set.

    start (*event): where every descent begins; method, steps, tolerance, restarts, spread, seed: see `descend`. Each
    sample and label has a Z of its own, all found in one batch. Learning then holds Z: by the envelope theorem, the
    gradient of the minimum is the gradient at the minimum, as exact as the descent has converged.
    """

    start: Array
    method: Method | None = None
    steps: int = 200
    tolerance: float = 1e-5
    restarts: int = 1
    spread: float = 1.0
    seed: int = 0

    def found(self, machine: Module, states: list[State | None]) -> Descent:
        """The descent over the input whose state is None, from the values of the others."""
        start = machine.backend.asarray(self.start)
        inputs = [None if state is None else State(state.x) for state in states]
        return descend(
            machine, inputs, start, event_ndim=start.ndim, method=self.method, steps=self.steps,
            tolerance=self.tolerance, restarts=self.restarts, spread=self.spread, seed=self.seed,
        )  # fmt: skip


def eliminator_of(latent: Module | Relaxation | None) -> Module | Literal["open"] | None:
    """What `energy_machine` wires behind the energies: nothing for a Relaxation, whose Z stays an input."""
    return "open" if isinstance(latent, Relaxation) else latent


def require_one_latent(latent: object) -> None:
    """Raise ShapeError unless this is a module that eliminates a latent variable, a Relaxation, or None."""
    if latent is None or isinstance(latent, Module | Relaxation):
        return
    msg = f"latent is Min(), Logsum(beta) or a Relaxation(start); got {latent!r}"
    raise ShapeError(msg)
