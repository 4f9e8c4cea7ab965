"""Answers of a machine on the host, and how often they are right."""

from dataclasses import dataclass

import numpy as np

from xpnet._typing import HostArray


@dataclass(frozen=True, eq=False)
class Answers:
    """For N samples: the label of lowest energy (N,) and the energies of all labels (N, K).

    >>> Answers(np.array([1]), np.array([[3.0, 0.5, 1.5]])).margins().tolist()
    [1.0]
    """

    index: HostArray
    energies: HostArray

    def margins(self) -> HostArray:
        """How much more energy the second best label has (N,); infinite when there is a single label."""
        if self.energies.shape[1] == 1:
            return np.full(len(self.index), np.inf)
        best = np.partition(self.energies, 1, axis=1)
        return best[:, 1] - best[:, 0]


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


def judge(answers: Answers, labels: HostArray) -> Evaluation:
    """Compare answers with the desired labels (N,).

    >>> result = judge(Answers(np.array([1, 0]), np.array([[2.0, 1.0], [0.5, 4.0]])), np.array([1, 1]))
    >>> result.energy, result.errors, result.confusion.tolist()
    (2.5, 1, [[0, 0], [1, 1]])
    """
    n_labels = answers.energies.shape[1]
    desired = answers.energies[np.arange(len(labels)), labels]
    pairs = np.bincount(labels * n_labels + answers.index, minlength=n_labels**2)
    return Evaluation(float(desired.mean(dtype=np.float64)), pairs.reshape(n_labels, n_labels))
