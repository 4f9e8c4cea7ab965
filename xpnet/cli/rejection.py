"""The --reject options: which answers are too doubtful to be given."""

import math
from dataclasses import dataclass
from typing import Self

from xpnet._typing import HostArray
from xpnet.data.answers import Answered
from xpnet.errors import RecipeError


@dataclass(frozen=True)
class Rejection:
    """Bounds that an answer must keep: margin and probability from below, energy from above; None for no bound."""

    margin: float | None = None
    energy: float | None = None
    probability: float | None = None

    def __bool__(self) -> bool:
        return any(bound is not None for bound in (self.margin, self.energy, self.probability))

    def checked(self) -> Self:
        """Itself; RecipeError for a bound that nothing or everything keeps by mistake."""
        ranges = {"margin": (0.0, math.inf), "energy": (-math.inf, math.inf), "probability": (0.0, 1.0)}
        for name, (low, high) in ranges.items():
            bound = getattr(self, name)
            if bound is not None and not low <= bound <= high:
                msg = f"--reject-{name} is {bound}, but must be a number from {low:g} to {high:g}"
                raise RecipeError(msg)
        return self

    def of(self, answers: Answered, beta: float) -> HostArray:
        """Which answers (N,) are refused, with probabilities at β; those that answer nothing are refused always."""
        return answers.rejected(
            energy=math.inf if self.energy is None else self.energy,
            margin=self.margin or 0.0,
            probability=self.probability or 0.0,
            beta=beta,
        )
