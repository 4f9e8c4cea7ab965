"""What inference over a label set found: the best labels, their energies, margin and probabilities."""

import math
from dataclasses import dataclass, replace
from typing import final

from xpnet._typing import Array
from xpnet.backend import Backend
from xpnet.checks import real


@final
@dataclass(frozen=True, eq=False)
class Answers:
    """For one sample () or a batch (B,), arrays of the backend.

    top, top_energies: the labels of the lowest energies (…, n), in order, and those energies; -1 and +∞ where there are
    fewer possible answers; of equal energies the first label comes first. margin: how much more energy the second best
    answer has, 0 for a tie and +∞ where there is no other. free_energy: F = -1/β log Σ_k exp(-β E_k) over all answers,
    None where no probabilities were asked for. energies: of all K answers (…, K), None where they were streamed.
    latent: which value of the latent variable is best for the best label, or, where it is continuous, that value
    (…, *event); None where there is no such variable.
    """

    backend: Backend
    top: Array
    top_energies: Array
    margin: Array
    beta: float = 1.0
    free_energy: Array | None = None
    energies: Array | None = None
    latent: Array | None = None

    @property
    def index(self) -> Array:
        """The label of lowest energy (…), -1 where no answer is possible."""
        return self.top[..., 0]

    @property
    def energy(self) -> Array:
        """Its energy (…)."""
        return self.top_energies[..., 0]

    @property
    def probabilities(self) -> Array:
        """P(k) = exp(-β (E_k - F)) of the best labels (…, n); 0 for an impossible one."""
        if self.free_energy is None:
            msg = "no free energy was computed, so there are no probabilities; ask trainer.answer(..., beta=...)"
            raise ValueError(msg)
        xp = self.backend.xp
        level = xp.where(xp.isinf(self.free_energy), 0.0, self.free_energy)
        return xp.exp(-self.beta * (self.top_energies - level[..., None]))

    @property
    def probability(self) -> Array:
        """P of the best label (…)."""
        return self.probabilities[..., 0]

    def __repr__(self) -> str:
        shown = ", ".join(map(str, self.top.shape[:-1])) or "one sample"
        return f"Answers({shown}; top {self.top.shape[-1]}{'' if self.free_energy is None else f', beta={self.beta}'})"

    def with_latent(self, latent: Array) -> "Answers":
        """The same answers, and which value of the latent variable goes with the best label."""
        return replace(self, latent=latent)

    def rejected(
        self, *, energy: float = math.inf, margin: float = 0.0, probability: float = 0.0, junk: int | None = None
    ) -> Array:
        """Which answers (…) to refuse: energy above, margin or probability below these bounds, no answer, or junk.

        junk: the number of the label that means "none of the above"; with a junk category, K.

        >>> import numpy as np
        >>> from xpnet.backend import get_backend
        >>> answers = answers_among(get_backend("numpy"), np.asarray([[0.1, 3.0], [0.9, 1.0], [7.0, 9.0]]), top=1)
        >>> answers.rejected(margin=0.5).tolist(), answers.rejected(energy=5.0).tolist()
        ([False, True, False], [False, False, True])
        """
        xp = self.backend.xp
        energy, margin, probability = refusal_bounds(energy, margin, probability)
        refused = (self.index < 0) | ~(self.energy <= energy) | ~(self.margin >= margin)
        if probability > 0:
            refused = refused | ~(self.probability >= probability)
        return refused if junk is None else refused | xp.equal(self.index, junk)


def refusal_bounds(energy: float, margin: float, probability: float) -> tuple[float, float, float]:
    """Bounds of a rejection as floats; ShapeError for what is no number."""
    above, below = real(energy, "the energy to refuse above"), real(margin, "the margin to refuse below")
    return above, below, real(probability, "the probability to refuse below")


def answers_among(backend: Backend, energies: Array, top: int, beta: float | None = None) -> Answers:
    """The answers among energies (…, K) that are all at hand; beta: None for no probabilities."""
    count = energies.shape[-1]
    # One tile that holds all labels: the order of ties is the same as for label sets that are streamed.
    needed = wanted(top, count, margin=True)
    lowest, labels = backend.ops.streamed_lowest(lambda start, stop: energies, count, needed, count)
    free = None if beta is None else backend.ops.logsum(energies, beta)
    return answers_from(backend, lowest, labels, top, beta=beta, free_energy=free, energies=energies)


def answers_from(
    backend: Backend,
    lowest: Array,
    labels: Array,
    top: int,
    *,
    beta: float | None = None,
    free_energy: Array | None = None,
    energies: Array | None = None,
) -> Answers:
    """The answers from the lowest energies (…, m) in order and their labels, m > top where there are so many."""
    xp = backend.xp
    labels = xp.where(lowest == math.inf, -1, labels)
    best = lowest[..., 0]
    if lowest.shape[-1] > 1:
        second = lowest[..., 1]
        margin = xp.where(second == math.inf, math.inf, second - xp.where(xp.isinf(best), 0.0, best))
    else:
        margin = xp.full_like(best, math.inf)
    count = min(top, lowest.shape[-1])
    kept = labels[..., :count], lowest[..., :count]
    return Answers(backend, *kept, margin, 1.0 if beta is None else beta, free_energy, energies)


def wanted(top: int, count: int, *, margin: bool) -> int:
    """How many of the lowest energies are needed for `top` answers, and for a margin, of `count` in all."""
    return min(max(top, 2) if margin else top, count)
