"""Energies that are one product, tile by tile: two products and one or two launches a tile.

See `xpnet.ops.label_tiles` for what is computed. Distances take one launch more a tile, which moves its codes to the
common centre and takes their half norms.
"""

from functools import partial
from typing import final

from xpnet._typing import Array, Overrides
from xpnet.ops import declines
from xpnet.ops.label_tiles import SAMPLED
from xpnet.ops.running import spans
from xpnet_cupy.overrides.distance import centred
from xpnet_cupy.overrides.kit import Kit

KEPT = 32  # so many lowest energies are found by as many passes over a tile; more are sorted by the reference


def label_tiles(kit: Kit) -> Overrides:
    """The lowest energies, their logsum, and the gradient of the codes."""
    functions = (search_labels, label_logsum, label_logsum_vjp_codes)
    return {function.__name__: declines(partial(function, kit)) for function in functions}


def search_labels(
    kit: Kit, h: Array, codes: Array, metric: str, bias: Array | None, count: int, size: int
) -> tuple[Array, Array]:
    """The `count` lowest energies (B, count) in ascending order, and their labels."""
    if not _takes(kit, h, codes, bias) or not 1 <= count <= min(KEPT, codes.shape[0]):
        return NotImplemented
    tiles, batch = Tiles(kit, h, codes, metric, bias), h.shape[0]
    found, spare = (_room(kit, batch, count, h) for _ in range(2))
    held = 0
    for start, stop in spans(codes.shape[0], size):
        products, _, given, place = tiles.products(start, stop)
        many = stop - start
        kit.by_rows(
            "label_best", batch, many, products, *given, *found, *spare, *place, batch, many, held, count,
            words_a_thread=2,
        )  # fmt: skip
        found, spare, held = spare, found, min(held + many, count)
    energies, labels = found
    if tiles.distances:
        energies += tiles.own[:, None]
    return energies, labels


def label_logsum(
    kit: Kit, h: Array, codes: Array, metric: str, bias: Array | None, beta: float, size: int
) -> tuple[Array, Array]:
    """F (B,) and dF/dh (B, d)."""
    if not _takes(kit, h, codes, bias):
        return NotImplemented
    tiles, (batch, width) = Tiles(kit, h, codes, metric, bias), h.shape
    lowest, total = kit.new((batch,), h), kit.new((batch,), h)
    drawn = last = kit.new(h.shape, h)
    for start, stop in spans(codes.shape[0], size):
        weights, y, given, place = tiles.products(start, stop)
        many, first = stop - start, start == 0
        kit.by_rows(
            "label_weights", batch, many, weights, *given, lowest, total, drawn, last, beta, *place, first, batch,
            many, width,
        )  # fmt: skip
        last = kit.flat(kit.xp.matmul(weights, y))
    sums = lowest, total, drawn, last, tiles.h, kit.flat(h), tiles.centre
    kit.by_rows("label_logsum_end", batch, width, *sums, beta, tiles.distances, batch, width)
    return lowest, drawn


def label_logsum_vjp_codes(
    kit: Kit, df: Array, f: Array, h: Array, codes: Array, metric: str, bias: Array | None, beta: float, size: int,
    *, out: Array | None = None,
) -> Array:  # fmt: skip
    """dy (K, d), written into `out` where that is possible."""
    if not _takes(kit, h, codes, bias) or not kit.takes(df, f, h):
        return NotImplemented
    tiles, (batch, width) = Tiles(kit, h, codes, metric, bias), h.shape
    df, f = kit.flat(df), kit.flat(f)
    dy = out if out is not None and _fits(out, codes) else kit.new(codes.shape, codes)
    for start, stop in spans(codes.shape[0], size):
        weights, y, given, place = tiles.products(start, stop, turned=True)
        many = stop - start
        sums = kit.new((many,), h)
        kit.by_rows("label_pulls", many, batch, weights, *given, df, f, tiles.own, sums, beta, *place, many, batch)
        pulled = kit.flat(kit.xp.matmul(weights, tiles.h))
        kit.each("label_pulls_end", y.size, pulled, sums, y, dy[start:stop, ...], tiles.distances, y.size, width)
    return dy


@final
class Tiles:
    """Products of samples and the codes of a tile, and what a kernel needs to make energies of them."""

    def __init__(self, kit: Kit, h: Array, codes: Array, metric: str, bias: Array | None) -> None:
        self._kit, self._codes = kit, codes
        self.distances = metric == "euclidean"
        self._bias = None if bias is None else kit.flat(bias)
        self._stride = 0 if bias is None or bias.ndim == 1 else bias.shape[1]
        self.h = self.own = self.centre = kit.flat(h)  # the last two count for distances only
        if self.distances:
            sample = codes[:: max(codes.shape[0] // SAMPLED, 1), ...]
            self.centre = kit.flat(kit.xp.mean(sample, axis=0))
            self.h, self.own = centred(kit, self.h, self.centre)

    def products(
        self, start: int, stop: int, turned: bool = False
    ) -> tuple[Array, Array, tuple[Array, Array], tuple[int, int, int, int]]:
        """h · y of a tile, (B, T) or `turned` (T, B); its codes; half norms and bias; the rest of a Tile."""
        xp, y = self._kit.xp, self._kit.flat(self._codes[start:stop, ...])
        halves = y
        if self.distances:
            y, halves = centred(self._kit, y, self.centre)
        left, right = (y, self.h) if turned else (self.h, y)
        products = self._kit.flat(xp.matmul(left, xp.matrix_transpose(right)))
        given = halves, halves if self._bias is None else self._bias
        return products, y, given, (self.distances, self._bias is not None, self._stride, start)


def _takes(kit: Kit, h: Array, codes: Array, bias: Array | None) -> bool:
    given = (h, codes) if bias is None else (h, codes, bias)
    wanted = (codes.shape[0],) if bias is None or bias.ndim == 1 else (h.shape[0], codes.shape[0])
    return kit.takes(*given) and h.ndim == codes.ndim == 2 and (bias is None or bias.shape == wanted)


def _fits(out: Array, codes: Array) -> bool:
    return bool(out.shape == codes.shape and out.dtype == codes.dtype and out.flags.c_contiguous)


def _room(kit: Kit, batch: int, count: int, like: Array) -> tuple[Array, Array]:
    labels = kit.xp.empty((batch, count), dtype=kit.xp.int64, device=like.device)
    return kit.new((batch, count), like), labels
