"""The n best paths of a trellis, in order of their energy."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from xpnet._typing import Array, Shape
from xpnet.backend import Backend, get_backend
from xpnet.checks import whole
from xpnet.errors import ShapeError
from xpnet.machines.paths import Arrays, TrellisInputs, trellis_inputs

PATHS_WANTED = "n, the number of paths wanted,"


@dataclass(frozen=True, order=True)
class RankedPath:
    """The energy and the labels of one path, on the host."""

    energy: float
    labels: tuple[int, ...]


@dataclass(frozen=True)
class RankedPaths:
    """The labels (…, n, T) of the n best paths, best first, and their energies (…, n).

    Labels are -1 after the end of a sequence. Where there are fewer than n paths, all labels are -1, energies +∞.
    """

    labels: Array
    energies: Array


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

    Transitions are (K, K) or (T, K, K). See `best_paths` for batches, and for how it is done.

    >>> import numpy as np
    >>> emissions, transitions = -np.log([[0.5, 0.1], [0.4, 0.3], [0.1, 0.6]]), -np.log([[0.7, 0.3], [0.4, 0.6]])
    >>> paths = n_best(emissions, transitions, -np.log([0.6, 0.4]), 2)
    >>> [(path.labels, round(float(np.exp(-path.energy)), 5)) for path in paths]
    [((0, 0, 1), 0.01512), ((0, 1, 1), 0.00972)]
    """
    whole(n, PATHS_WANTED)
    backend = backend or get_backend()
    energies = backend.asarray(emissions)
    if energies.ndim != 2:
        msg = (
            f"n_best takes one sequence of emissions (T, K); got shape {tuple(energies.shape)}. Take best_paths for a "
            "batch"
        )
        raise ShapeError(msg)
    steps, n_states = energies.shape
    found = best_paths(energies, transitions, initial, min(n, n_states**steps), final=final, backend=backend)
    values, labels = backend.to_numpy(found.energies).tolist(), backend.to_numpy(found.labels).tolist()
    paths = [RankedPath(value, tuple(row)) for value, row in zip(values, labels, strict=True)]
    return [path for path in paths if path.energy < math.inf]


def best_paths(
    emissions: Arrays,
    transitions: Arrays,
    initial: Arrays,
    n: int,
    *,
    final: Arrays | None = None,
    lengths: Arrays | None = None,
    backend: Backend | None = None,
) -> RankedPaths:
    """The n paths of lowest energy through each of any number of sequences, with energies as for `viterbi`.

    Every state keeps the n best paths that end in it, which come from the n best of its predecessors (list Viterbi,
    Seshadri and Sundberg 1994): exact, and O(T K² n) with a sort. The first path is that of `viterbi`. Of equal paths,
    the one with the smaller label comes first where they differ last.

    >>> import numpy as np
    >>> paths = best_paths(np.zeros((2, 2)), [[0.0, 1.0], [0.0, 0.0]], [0.0, 0.5], 3)
    >>> paths.labels.tolist(), paths.energies.tolist()
    ([[0, 0], [1, 0], [1, 1]], [0.0, 0.5, 0.5])
    """
    whole(n, PATHS_WANTED)
    backend = backend or get_backend()
    lists = _Lists(backend, trellis_inputs(backend, emissions, transitions, initial, final, lengths), n)
    return lists.paths()


class _Lists:
    """The best paths into each state of each step: their energies (…, K, r), and what they come from."""

    def __init__(self, backend: Backend, given: TrellisInputs, n: int) -> None:
        self.backend, self.xp, self.given, self.n = backend, backend.xp, given, n
        *lead, self.steps, self.n_states = given.emissions.shape
        self.lead: Shape = tuple(lead)
        if not self.steps:
            msg = f"a path has at least one step; got emissions of shape {tuple(given.emissions.shape)}"
            raise ShapeError(msg)

    def paths(self) -> RankedPaths:
        """Forward with lists, then back from the best of the last step."""
        here = (self.given.initial + self.given.emissions[..., 0, :])[..., None]
        ranks, origins = [1], []
        for t in range(1, self.steps):
            here, origin = self._step(here, t)
            ranks.append(here.shape[-1])
            origins.append(origin)
        if self.given.final is not None:
            here = here + self.given.final[..., None]
        energies, last = self._lowest(self._flat(here))
        labels = self.xp.where(energies[..., None] == math.inf, -1, self._back(last, ranks, origins))
        return self._padded(self._ended(labels), energies)

    def _step(self, here: Array, t: int) -> tuple[Array, Array]:
        """The lists of step t from those before, and which place (state, rank) of those each path comes from."""
        xp, given = self.xp, self.given
        arcs = given.transitions[..., t - 1, :, :] if given.timed else given.transitions
        coming = here[..., None, :, :] + xp.matrix_transpose(arcs)[..., None]
        coming, origin = self._lowest(self._flat(coming))
        new = coming + given.emissions[..., t, :, None]
        if given.lengths is None:
            return new, origin
        running = (given.lengths > t)[..., None, None]
        held, place = self._held(here, new.shape[-1])
        return xp.where(running, new, held), xp.where(running, origin, place)

    def _lowest(self, energies: Array) -> tuple[Array, Array]:
        """The n lowest on the last axis, in order, and their places; of equal ones the first."""
        order = self.xp.argsort(energies, axis=-1, stable=True)[..., : min(self.n, energies.shape[-1])]
        return self.xp.take_along_axis(energies, order, axis=-1), self.xp.astype(order, self.xp.int64, copy=False)

    def _held(self, here: Array, ranks: int) -> tuple[Array, Array]:
        """The lists of a sequence that has ended: what they were, with room for as many as others have."""
        xp, (count, old) = self.xp, here.shape[-2:]
        places = xp.reshape(self.backend.indices(list(range(count * old))), (count, old))
        room = xp.full((*self.lead, count, ranks - old), math.inf, dtype=here.dtype, device=self.backend.device)
        nowhere = xp.zeros((count, ranks - old), dtype=places.dtype, device=self.backend.device)
        return xp.concat([here, room], axis=-1), xp.concat([places, nowhere], axis=-1)

    def _back(self, last: Array, ranks: Sequence[int], origins: Sequence[Array]) -> Array:
        """Labels (…, n, T) of the paths that end in these places of the last step."""
        xp, place = self.xp, last
        labels = [place // ranks[-1]]
        for origin, rank in zip(reversed(origins), reversed(ranks[:-1]), strict=True):
            place = xp.take_along_axis(self._flat(origin), place, axis=-1)
            labels.append(place // rank)
        return xp.stack(labels[::-1], axis=-1)

    def _ended(self, labels: Array) -> Array:
        if self.given.lengths is None:
            return labels
        times = self.backend.indices(list(range(self.steps)))
        return self.xp.where(self.given.lengths[..., None, None] > times, labels, -1)

    def _padded(self, labels: Array, energies: Array) -> RankedPaths:
        """With +∞ and -1 for what is missing to n."""
        missing, xp, device = self.n - energies.shape[-1], self.xp, self.backend.device
        if not missing:
            return RankedPaths(labels, energies)
        none = xp.full((*self.lead, missing, self.steps), -1, dtype=labels.dtype, device=device)
        never = xp.full((*self.lead, missing), math.inf, dtype=energies.dtype, device=device)
        return RankedPaths(xp.concat([labels, none], axis=-2), xp.concat([energies, never], axis=-1))

    def _flat(self, x: Array) -> Array:
        """(…, K, r) to (…, K r): places on one axis."""
        return self.xp.reshape(x, (*x.shape[:-2], x.shape[-2] * x.shape[-1]))
