"""The steps of K-means for many problems or restarts at once.

Samples are x (P, N, d) and centres (R, K, d): R runs on P = R problems, or on one problem (P = 1).
"""

from array_api_compat import device

from xpnet._typing import Array, Namespace


def nearest(xp: Namespace, x: Array, centres: Array) -> Array:
    """The index of the nearest centre, the first one of a tie: (R, N).

    ‖x‖² is the same for all centres, so the smallest of ½ ‖c‖² - x · c is found by one product. Centre the data first:
    far from the origin these terms cancel.
    """
    products = xp.matmul(x, xp.matrix_transpose(centres))
    return xp.argmin(0.5 * xp.vecdot(centres, centres)[:, None, :] - products, axis=-1)


def membership(xp: Namespace, labels: Array, k: int, like: Array) -> Array:
    """1 where a sample belongs to a cluster, else 0: labels (R, N) to (R, N, K) of the dtype of `like`."""
    clusters = xp.arange(k, dtype=labels.dtype, device=device(labels))
    return xp.astype(labels[..., None] == clusters, like.dtype)


def cluster_sums(xp: Namespace, x: Array, labels: Array, k: int) -> tuple[Array, Array]:
    """The sum of each cluster's samples (R, K, d), and how many they are (R, K)."""
    member = membership(xp, labels, k, x)
    return xp.matmul(xp.matrix_transpose(member), x), xp.sum(member, axis=-2)


def own_distances(xp: Namespace, x: Array, centres: Array, labels: Array) -> Array:
    """‖x - c‖² to the sample's own centre (R, N), from differences: no digit is lost."""
    difference = x - pick(xp, centres, labels)
    return xp.vecdot(difference, difference)


def pick(xp: Namespace, rows: Array, index: Array) -> Array:
    """Row index[r, n] of rows[r] for all r and n: rows (R, K, d), or (1, K, d) for all r, to (R, N, d)."""
    if rows.shape[0] == 1:
        flat = xp.take(rows[0, ...], xp.reshape(index, (-1,)), axis=0)
        return xp.reshape(flat, (*index.shape, rows.shape[-1]))
    spread = xp.broadcast_to(index[..., None], (*index.shape, rows.shape[-1]))
    return xp.take_along_axis(rows, spread, axis=1)


def relocated(
    xp: Namespace, x: Array, centres: Array, labels: Array, sums: Array, counts: Array, distances: Array
) -> tuple[Array, Array]:
    """Sums and counts with each empty cluster given the sample farthest from its own centre, then the next farthest.

    That sample leaves its old cluster, as in scikit-learn.
    """
    k = centres.shape[1]
    empty = counts == 0
    rank = xp.cumulative_sum(xp.astype(empty, labels.dtype), axis=-1) - 1
    farthest = xp.argsort(distances, axis=-1, descending=True)[:, :k]
    chosen = xp.take_along_axis(farthest, xp.where(empty, rank, 0), axis=-1)
    points = pick(xp, x, chosen)
    leaving = membership(xp, xp.take_along_axis(labels, chosen, axis=-1), k, sums)
    leaving = leaving * xp.astype(empty, sums.dtype)[..., None]
    sums = xp.where(empty[..., None], points, sums - xp.matmul(xp.matrix_transpose(leaving), points))
    return sums, xp.where(empty, 1.0, counts - xp.sum(leaving, axis=1))
