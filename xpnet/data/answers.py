"""What a machine answered, on the host, and how often it is right."""

import math
from dataclasses import dataclass

import numpy as np

from xpnet._typing import HostArray
from xpnet.errors import ShapeError
from xpnet.inference.answers import refusal_bounds
from xpnet.ops.gibbs import softmax


@dataclass(frozen=True, eq=False)
class Answered:
    """For N samples: the label of lowest energy (N,) and the energies of all labels (N, K).

    The label is -1 where every energy is +∞, that is, where no answer is possible.

    >>> answers = Answered(np.array([1]), np.array([[3.0, 0.5, 1.5]]))
    >>> answers.margins().tolist(), answers.top(2)[0].tolist(), answers.probability(beta=2.0).round(3).tolist()
    ([1.0], [[1, 2]], [0.876])
    """

    index: HostArray
    energies: HostArray

    def best(self) -> HostArray:
        """The energy of the answers (N,)."""
        return self.energies.min(axis=1)

    def margins(self) -> HostArray:
        """How much more energy the second best label has (N,); infinite when there is no other."""
        if self.energies.shape[1] == 1:
            return np.full(len(self.index), np.inf)
        best = np.partition(self.energies, 1, axis=1)
        lone = best[:, 1] == np.inf  # ∞ - ∞ must not come up
        return np.where(lone, np.inf, best[:, 1] - np.where(lone, 0.0, best[:, 0]))

    def top(self, count: int) -> tuple[HostArray, HostArray]:
        """The labels of the `count` lowest energies (N, count), in order, and these energies; fewer where K is less.

        Of equal energies the first label comes first; -1 stands for an impossible one, of energy +∞.
        """
        if count < 1:
            msg = f"the best {count} labels are none; ask for at least 1"
            raise ShapeError(msg)
        order = np.argsort(self.energies, axis=1, kind="stable")[:, :count]
        lowest = np.take_along_axis(self.energies, order, axis=1)
        return np.where(lowest == np.inf, -1, order), lowest

    def probabilities(self, beta: float = 1.0) -> HostArray:
        """P(k) = exp(-β E_k) / Σ_j exp(-β E_j) of all labels (N, K), in float64; 0 where no answer is possible."""
        return softmax(np, self.energies.astype(np.float64), float(beta))

    def probability(self, beta: float = 1.0) -> HostArray:
        """P of the answers (N,)."""
        chosen = self.probabilities(beta)[np.arange(len(self.index)), self.index]
        return np.where(self.index < 0, 0.0, chosen)

    def rejected(
        self, *, energy: float = math.inf, margin: float = 0.0, probability: float = 0.0, beta: float = 1.0
    ) -> HostArray:
        """Which answers (N,) to refuse: energy above, margin or probability (at β) below these bounds, or no answer.

        >>> Answered(np.array([0, 0, 0]), np.array([[0.1, 3.0], [0.9, 1.0], [7.0, 9.0]])).rejected(margin=0.5).tolist()
        [False, True, False]
        """
        energy, margin, probability = refusal_bounds(energy, margin, probability)
        best, margins = self.best().astype(np.float64), self.margins().astype(np.float64)  # as precise as the bounds
        refused = (self.index < 0) | ~(best <= energy) | ~(margins >= margin)
        return refused | ~(self.probability(beta) >= probability) if probability > 0 else refused


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Mean energy of the desired labels over one part of the data, and its confusion counts (desired, answered)."""

    energy: float
    confusion: HostArray

    @property
    def count(self) -> int:
        """How many samples were judged."""
        return int(self.confusion.sum())

    @property
    def errors(self) -> int:
        """How many of them got another label than the desired one."""
        return self.count - int(np.trace(self.confusion))


def judge(answers: Answered, labels: HostArray) -> Evaluation:
    """Compare answers with the desired labels (N,).

    >>> result = judge(Answered(np.array([1, 0]), np.array([[2.0, 1.0], [0.5, 4.0]])), np.array([1, 1]))
    >>> result.energy, result.errors, result.confusion.tolist()
    (2.5, 1, [[0, 0], [1, 1]])
    """
    n_labels = answers.energies.shape[1]
    desired = answers.energies[np.arange(len(labels)), labels]
    pairs = np.bincount(labels * n_labels + answers.index, minlength=n_labels**2)
    return Evaluation(float(desired.mean(dtype=np.float64)), pairs.reshape(n_labels, n_labels))
