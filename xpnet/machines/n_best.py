"""The n best paths of a trellis, in order of their energy."""

import heapq
import math
from dataclasses import dataclass
from typing import Any

from xpnet.backend import Backend, get_backend
from xpnet.errors import ShapeError
from xpnet.machines.paths import Arrays, viterbi


@dataclass(frozen=True, order=True)
class RankedPath:
    """The energy and the labels of one path, on the host."""

    energy: float
    labels: tuple[int, ...]


def n_best(
    emissions: Arrays,
    transitions: Arrays,
    initial: Arrays,
    n: int,
    *,
    final: Arrays | None = None,
    backend: Backend | None = None,
) -> list[RankedPath]:
    """The n paths of lowest energy through one sequence, (T, K) emissions; fewer if fewer are possible.

    After each path, the others are split by where they first leave it, and the best of each part is found, all parts
    in one batch of `viterbi` (Murty 1968, Lawler 1972). Transitions are (K, K) or (T, K, K).

    >>> import numpy as np
    >>> emissions, transitions = -np.log([[0.5, 0.1], [0.4, 0.3], [0.1, 0.6]]), -np.log([[0.7, 0.3], [0.4, 0.6]])
    >>> paths = n_best(emissions, transitions, -np.log([0.6, 0.4]), 2)
    >>> [(path.labels, round(float(np.exp(-path.energy)), 5)) for path in paths]
    [((0, 0, 1), 0.01512), ((0, 1, 1), 0.00972)]
    """
    backend = backend or get_backend()
    energies = backend.asarray(emissions)
    if energies.ndim != 2:
        msg = f"n_best takes one sequence of emissions (T, K); got shape {tuple(energies.shape)}"
        raise ShapeError(msg)
    steps, n_states = energies.shape
    model = (transitions, initial)

    def solved(parts: list[_Part]) -> list[tuple[RankedPath, _Part]]:
        allowed = backend.asarray([part.penalties(steps, n_states) for part in parts])
        best = viterbi(energies + allowed, *model, final=final, backend=backend)
        labels, values = backend.to_numpy(best.labels).tolist(), backend.to_numpy(best.energy).tolist()
        paths = [RankedPath(value, tuple(row)) for value, row in zip(values, labels, strict=True)]
        return [(path, part) for path, part in zip(paths, parts, strict=True) if path.energy < math.inf]

    queue = solved([_Part((), frozenset())])
    found: list[RankedPath] = []
    while queue and len(found) < n:
        path, part = heapq.heappop(queue)
        found.append(path)
        for entry in solved(part.without(path.labels)):
            heapq.heappush(queue, entry)
    return found


@dataclass(frozen=True)
class _Part:
    """The paths that start with `prefix` and then go on with a label that is not excluded."""

    prefix: tuple[int, ...]
    excluded: frozenset[int]

    def penalties(self, steps: int, n_states: int) -> list[list[float]]:
        """+∞ for each label that these paths do not have, 0 for the others: (T, K)."""
        rows = [[0.0 if k == label else math.inf for k in range(n_states)] for label in self.prefix]
        if len(rows) < steps:
            rows.append([math.inf if k in self.excluded else 0.0 for k in range(n_states)])
        return rows + [[0.0] * n_states for _ in range(steps - len(rows))]

    def without(self, labels: tuple[int, ...]) -> list["_Part"]:
        """These paths without one of them, split by the step at which they leave it."""
        start = len(self.prefix)
        return [
            _Part(labels[:t], frozenset({labels[t]}) | (self.excluded if t == start else frozenset()))
            for t in range(start, len(labels))
        ]

    def __lt__(self, other: Any) -> bool:
        return self.prefix < other.prefix or (self.prefix == other.prefix and len(self.excluded) < len(other.excluded))
