"""Centres and widths of a layer from the clusters of its samples."""

from math import prod

from xpnet._typing import Array
from xpnet.kmeans.lloyd import Clusters, distances_to_own
from xpnet.kmeans.search import kmeans
from xpnet.modules.distance import Distance
from xpnet.modules.rbf import Rbf
from xpnet.ops import clusters


def place_centres(
    layer: Rbf | Distance, samples: Array, *, seed: int = 0, starts: int = 10, spread: float = 1.0
) -> Clusters:
    """Start the layer's centres from K-means on the samples (N, in_features), and an Rbf's widths from the clusters.

    The width of bump i is k_i = 1 / (spread² r_i²) with r_i² the mean squared distance of the cluster's samples to
    their centre: with spread 1, a bump has fallen to 1/e at that distance. Clusters of one point take the mean r² of
    all. Call it after the layer's ParameterStore has been made.
    """
    backend, xp = layer.backend, layer.xp
    x = backend.asarray(samples)
    layer.require_width(x, layer.in_features, "samples")
    found = kmeans(x, layer.n_centres, seed=seed, starts=starts, backend=backend)
    layer.centres.x = found.centres
    if isinstance(layer, Rbf):
        runs = Clusters(*(xp.expand_dims(value, axis=0) for value in vars(found).values()))
        squares = distances_to_own(backend, xp.expand_dims(x, axis=0), runs.centres, runs.labels)
        sums, counts = clusters.cluster_sums(xp, squares[..., None], runs.labels, layer.n_centres)
        r2 = sums[0, :, 0] / xp.maximum(counts[0, :], 1.0)
        mean = xp.sum(squares) / max(prod(squares.shape), 1)
        r2 = xp.where(r2 > 0, r2, xp.where(mean > 0, mean, 1.0))
        layer.place_widths(1.0 / (spread**2 * r2))
    return found
