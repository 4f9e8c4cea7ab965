"""What inference over all label sequences found: the best ones, their energies, margin and probabilities."""

import math
from dataclasses import dataclass
from typing import final

from xpnet._typing import Array
from xpnet.backend import Backend
from xpnet.machines.n_best import RankedPaths
from xpnet.machines.paths import Posteriors


@final
@dataclass(frozen=True, eq=False)
class SequenceAnswers:
    """For one sample () or a batch (B,), arrays of the backend.

    top, top_energies: the labels (…, n, T) of the n best sequences, in order, -1 after the end, and their energies
    (…, n), +∞ where there are fewer. margin: how much more energy the second best sequence has, 0 for a tie and +∞
    where there is no other. posteriors: P(label k at step t), (…, T, K), over all sequences at β. free_energy: that of
    all sequences, F = -1/β log Σ exp(-β E).
    """

    backend: Backend
    top: Array
    top_energies: Array
    margin: Array
    posteriors: Array
    free_energy: Array
    beta: float

    @property
    def labels(self) -> Array:
        """The sequence of lowest energy (…, T)."""
        return self.top[..., 0, :]

    @property
    def energy(self) -> Array:
        """Its energy (…)."""
        return self.top_energies[..., 0]

    @property
    def probabilities(self) -> Array:
        """P(s) = exp(-β (E_s - F)) of the best sequences (…, n); 0 for what is impossible."""
        xp = self.backend.xp
        level = xp.where(xp.isinf(self.free_energy), 0.0, self.free_energy)
        return xp.exp(-self.beta * (self.top_energies - level[..., None]))

    @property
    def probability(self) -> Array:
        """P of the best sequence (…)."""
        return self.probabilities[..., 0]


def sequence_answers(
    backend: Backend, paths: RankedPaths, posteriors: Posteriors, beta: float, top: int
) -> SequenceAnswers:
    """The answers from at least max(top, 2) of the best paths."""
    xp, energies = backend.xp, paths.energies
    best, second = energies[..., 0], energies[..., 1]
    margin = xp.where(second == math.inf, math.inf, second - xp.where(xp.isinf(best), 0.0, best))
    kept = paths.labels[..., :top, :], energies[..., :top]
    return SequenceAnswers(backend, *kept, margin, posteriors.states, posteriors.free_energy, beta)
