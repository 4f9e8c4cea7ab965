"""Energies that are one product, streamed over a label set of any size: E_bk = ½ ‖h_b - y_k‖² or -h_b · y_k.

h (B, d) is what a machine made of B samples, codes (K, d) the label set. Labels pass in tiles of at most `size`, and
memory is O(B · size) for any K. bias (K,) or (B, K) is added to the energies; +∞ forbids a label. β is a positive
Python float. Distances are taken from a common centre, as in `distance`.
"""

from xpnet._typing import Array, Namespace
from xpnet.ops.running import free_energy, lowered, spans, weights_above
from xpnet.ops.streamed import streamed_lowest

SAMPLED = 1024  # so many codes tell where the centre is: any centre is exact, a near one keeps the digits


def search_labels(
    xp: Namespace, h: Array, codes: Array, metric: str, bias: Array | None, count: int, size: int
) -> tuple[Array, Array]:
    """The `count` lowest energies (B, count) in ascending order, and their labels (B, count), int64.

    Of equal energies the first label comes first. A row with a NaN has NaN as its first energy.
    """
    tiles = _Tiles(xp, h, codes, metric, bias)
    energies, labels = streamed_lowest(xp, tiles.above, codes.shape[0], count, size)
    return energies + tiles.own[:, None], labels


def label_logsum(
    xp: Namespace, h: Array, codes: Array, metric: str, bias: Array | None, beta: float, size: int
) -> tuple[Array, Array]:
    """F = -1/β log Σ_k exp(-β E_k) (B,), and its gradient dF/dh (B, d), in one pass over the labels.

    With the mean code m = Σ_k P_k y_k, dF/dh is h - m for distances and -m for products. Where no label is possible, F
    is +∞ and the gradient 0.
    """
    tiles = _Tiles(xp, h, codes, metric, bias)
    extreme: Array | None = None
    total: Array = 0.0
    drawn: Array = 0.0
    for start, stop in spans(codes.shape[0], size):
        energies = tiles.above(start, stop)
        extreme, rescaled = lowered(xp, extreme, energies, beta)
        weights = weights_above(xp, energies, extreme, beta)
        total = rescaled * total + xp.sum(weights, axis=-1)
        drawn = rescaled[:, None] * drawn + xp.matmul(weights, tiles.codes(start, stop))
    f = free_energy(xp, extreme, total, beta)
    possible = (total != 0)[:, None]
    mean = drawn / xp.where(possible, total[:, None], 1.0)
    slope = tiles.h - mean if tiles.distances else -mean  # both from the centre, so that no digit is lost far out
    return f + tiles.own, xp.where(possible, slope, xp.zeros_like(h))


def label_logsum_vjp_codes(
    xp: Namespace, df: Array, f: Array, h: Array, codes: Array, metric: str, bias: Array | None, beta: float,
    size: int, *, out: Array | None = None,
) -> Array:  # fmt: skip
    """dy_k = Σ_b dF_b P_bk (y_k - h_b) for distances, -Σ_b dF_b P_bk h_b for products: (K, d), in a second pass.

    f (B,) is what label_logsum gave; `out` is a place that the result may, but need not, use.
    """
    tiles = _Tiles(xp, h, codes, metric, bias)
    pulled = []
    for start, stop in spans(codes.shape[0], size):
        weights = df[:, None] * weights_above(xp, tiles.above(start, stop), f - tiles.own, beta)
        dy = -xp.matmul(xp.matrix_transpose(weights), tiles.h)
        pulled.append(dy + xp.sum(weights, axis=0)[:, None] * tiles.codes(start, stop) if tiles.distances else dy)
    return xp.concat(pulled, axis=0)


class _Tiles:
    """Energies of spans of labels, short of what is the same for all labels, `own` (B,)."""

    def __init__(self, xp: Namespace, h: Array, codes: Array, metric: str, bias: Array | None) -> None:
        self.xp, self.all_codes, self.bias, self.distances = xp, codes, bias, metric == "euclidean"
        if self.distances:
            self.centre = xp.mean(codes[:: max(codes.shape[0] // SAMPLED, 1), ...], axis=0)
            self.h = h - self.centre
            self.own = 0.5 * xp.vecdot(self.h, self.h)
        else:
            self.centre, self.h = xp.zeros_like(codes[0, ...]), h
            self.own = xp.zeros_like(h[:, 0])

    def codes(self, start: int, stop: int) -> Array:
        """Codes, centred where distances are asked for."""
        y = self.all_codes[start:stop, ...]
        return y - self.centre if self.distances else y

    def above(self, start: int, stop: int) -> Array:
        """E - own (B, stop - start)."""
        y = self.codes(start, stop)
        energies = -self.xp.matmul(self.h, self.xp.matrix_transpose(y))
        if self.distances:
            energies = energies + 0.5 * self.xp.vecdot(y, y)
        return energies if self.bias is None else energies + self.bias[..., start:stop]
