"""Lloyd's algorithm for many runs at once, in tiles of bounded memory."""

from collections.abc import Iterator
from dataclasses import dataclass

from xpnet._typing import Array
from xpnet.backend import Backend
from xpnet.ops import clusters

TILE = 1 << 20  # numbers held at a time


@dataclass(frozen=True)
class Clusters:
    """What K-means found, as arrays of the backend; several problems add an axis in front of each.

    centres (K, d); labels (N,), the nearest centre of each sample; inertia (), Σ ‖x - its centre‖².
    """

    centres: Array
    labels: Array
    inertia: Array


def lloyd(backend: Backend, x: Array, centres: Array, iterations: int) -> Clusters:
    """R runs from R starts: x (R, N, d) or (1, N, d), centres (R, K, d); everything comes back with the axis R."""
    xp = backend.xp
    labels: Array = None
    for _ in range(iterations):
        before, labels = labels, _assigned(backend, x, centres)
        centres = _moved(backend, x, centres, labels)
        if before is not None and bool(xp.all(labels == before)):
            break
    else:
        labels = _assigned(backend, x, centres)
    return Clusters(centres, labels, xp.sum(distances_to_own(backend, x, centres, labels), axis=-1))


def _tiles(x: Array, centres: Array) -> Iterator[slice]:
    runs, k, d = centres.shape
    height = max(TILE // (runs * max(k, d)), 1)
    for start in range(0, x.shape[1], height):
        yield slice(start, min(start + height, x.shape[1]))


def _assigned(backend: Backend, x: Array, centres: Array) -> Array:
    xp = backend.xp
    return xp.concat([clusters.nearest(xp, x[:, tile, :], centres) for tile in _tiles(x, centres)], axis=-1)


def distances_to_own(backend: Backend, x: Array, centres: Array, labels: Array) -> Array:
    """‖x - c‖² of each sample to its own centre, (R, N)."""
    xp = backend.xp
    parts = [clusters.own_distances(xp, x[:, t, :], centres, labels[:, t]) for t in _tiles(x, centres)]
    return xp.concat(parts, axis=-1)


def _moved(backend: Backend, x: Array, centres: Array, labels: Array) -> Array:
    """Each centre in the middle of its samples."""
    xp, k = backend.xp, centres.shape[1]
    parts = [clusters.cluster_sums(xp, x[:, t, :], labels[:, t], k) for t in _tiles(x, centres)]
    sums, counts = parts[0]
    for more, many in parts[1:]:
        sums, counts = sums + more, counts + many
    if bool(xp.any(counts == 0)):
        distances = distances_to_own(backend, x, centres, labels)
        sums, counts = clusters.relocated(xp, x, centres, labels, sums, counts, distances)
    counts = counts[..., None]
    return xp.where(counts > 0, sums / xp.maximum(counts, 1.0), centres)
