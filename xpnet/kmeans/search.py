"""The best of several runs of K-means."""

from collections.abc import Iterator

from xpnet._typing import Array
from xpnet.backend import Backend, get_backend
from xpnet.errors import DataError, ShapeError
from xpnet.kmeans.lloyd import Clusters, lloyd
from xpnet.kmeans.plus_plus import plus_plus


def kmeans(
    samples: Array,
    k: int,
    *,
    centres: Array | None = None,
    starts: int = 10,
    seed: int = 0,
    iterations: int = 300,
    backend: Backend | None = None,
) -> Clusters:
    """Lloyd's algorithm until no sample changes its cluster: the best of several starts.

    samples (N, d), or (P, N, d) for P problems at once. centres: a start (k, d), or several (S, k, d); for P problems
    one for each, (P, k, d). Otherwise each start is drawn by k-means++ (Arthur & Vassilvitskii 2007): centres among the
    samples, with probability in proportion to the squared distance from those drawn before. A cluster that loses all
    its samples takes the sample farthest from its centre. All starts run as one batch, in tiles of bounded memory.

    Raises ShapeError for shapes that do not fit, DataError for fewer samples than clusters and for NaN.

    >>> import numpy as np
    >>> found = kmeans(np.asarray([[0.0], [1.0], [10.0], [11.0]]), 2)
    >>> sorted(found.centres[:, 0].tolist()), float(found.inertia)
    ([0.5, 10.5], 1.0)
    """
    backend = backend or get_backend()
    xp = backend.xp
    x = backend.asarray(samples)
    single = x.ndim == 2
    x = _checked(xp.expand_dims(x, axis=0) if single else x, k)
    if not bool(xp.all(xp.isfinite(x))):
        msg = "K-means needs finite samples; some are NaN or infinite"
        raise DataError(msg)
    middle = xp.mean(x, axis=1, keepdims=True)  # far from the origin, products would lose the digits that matter
    x = x - middle
    best: Clusters | None = None
    for start in _starts(backend, x, k, centres, middle, starts if single else 1, seed, 1 if single else starts):
        found = lloyd(backend, x, start, iterations)
        found = _lowest(backend, found) if single else found
        best = found if best is None else _better(backend, best, found)
    assert best is not None  # noqa: S101 - there is at least one start
    shifted = Clusters(best.centres + middle, best.labels, best.inertia)
    return Clusters(*(value[0, ...] for value in vars(shifted).values())) if single else shifted


def _starts(
    backend: Backend, x: Array, k: int, centres: Array | None, middle: Array, runs: int, seed: int, rounds: int
) -> Iterator[Array]:
    """Starts (R, k, d): one batch of `runs`, or one for each problem and round."""
    if centres is None:
        for turn in range(rounds):
            yield plus_plus(backend, x, k, max(runs, x.shape[0]), seed, turn)
        return
    given = backend.asarray(centres)
    given = backend.xp.expand_dims(given, axis=0) if given.ndim == 2 else given
    if given.ndim != 3 or given.shape[1:] != (k, x.shape[2]) or (x.shape[0] > 1 and given.shape[0] != x.shape[0]):
        msg = f"centres to start from have shape (starts or problems, {k}, {x.shape[2]}); got {tuple(given.shape)}"
        raise ShapeError(msg)
    yield given - middle


def _lowest(backend: Backend, found: Clusters) -> Clusters:
    best = backend.xp.argmin(found.inertia, axis=0, keepdims=True)
    return Clusters(*(backend.xp.take(value, best, axis=0) for value in vars(found).values()))


def _better(backend: Backend, a: Clusters, b: Clusters) -> Clusters:
    where, first = backend.xp.where, a.inertia <= b.inertia
    return Clusters(
        where(first[:, None, None], a.centres, b.centres),
        where(first[:, None], a.labels, b.labels),
        where(first, a.inertia, b.inertia),
    )


def _checked(x: Array, k: int) -> Array:
    if x.ndim != 3:
        msg = f"K-means takes samples (N, d), or (P, N, d) for several problems; got {x.ndim} axes"
        raise ShapeError(msg)
    if not 1 <= k <= x.shape[1]:
        msg = f"K-means needs at least one cluster and a sample for each; got k={k} and {x.shape[1]} samples"
        raise DataError(msg)
    return x
