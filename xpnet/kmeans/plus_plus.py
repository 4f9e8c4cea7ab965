"""Starts for K-means: samples that lie far from one another."""

from xpnet._typing import Array
from xpnet.backend import Backend
from xpnet.ops import clusters
from xpnet.streams import stream


def plus_plus(backend: Backend, x: Array, k: int, runs: int, seed: int, turn: int = 0) -> Array:
    """k-means++: runs (R) draws of k centres among the samples x (R, N, d) or (1, N, d), as (R, k, d)."""
    xp, count = backend.xp, x.shape[1]
    # Random numbers come from the host and are equal on every backend.
    draws = backend.asarray(stream(seed, "kmeans", turn).random((k, runs, 1)))
    chosen = [clusters.pick(xp, x, xp.astype(draws[0, ...] * count, xp.int64) % count)]
    gaps = _gaps(backend, x, chosen[0])
    for turn in range(1, k):
        below = xp.cumulative_sum(gaps, axis=-1)
        passed = xp.astype(below < draws[turn, ...] * below[:, -1:], xp.int64)
        index = xp.minimum(xp.sum(passed, axis=-1, keepdims=True), count - 1)
        chosen.append(clusters.pick(xp, x, index))
        gaps = xp.minimum(gaps, _gaps(backend, x, chosen[-1]))
    return xp.concat(chosen, axis=1)


def _gaps(backend: Backend, x: Array, centre: Array) -> Array:
    """‖x - c‖² (R, N) for one centre (R, 1, d) each, by a product: x is centred already."""
    xp = backend.xp
    cross = xp.matmul(x, xp.matrix_transpose(centre))[..., 0]
    return xp.maximum(xp.vecdot(x, x) - 2.0 * cross + xp.vecdot(centre, centre), 0.0)
