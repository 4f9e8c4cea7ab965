"""Large label sets at the speed of the product underneath: see `xpnet.ops.label_tiles` for what is computed.

Tiles of codes and of scores stay in the cache; blocks of samples keep a running minimum or sum. NaN, infinities other
than a bias of +∞, and numbers near the end of the dtype's range are left to the reference.
"""

import math
from typing import Any

import numpy as np

from xpnet.ops import declines
from xpnet_numpy import fast
from xpnet_numpy.label_best import Best
from xpnet_numpy.label_scores import FEW, NumpyScores
from xpnet_numpy.label_spans import Spans
from xpnet_numpy.label_sums import Pull, Sums

Array = Any
BLOCK = 512  # so many samples' scores of one tile fit the cache
KEPT = 128  # so many lowest energies are kept by merging; for more, sorting whole tiles is no slower
FEWEST = 3  # up to so many samples, the best label is found by reading every code once
BETAS = (1e-12, 1e12)
ROOM = 1.0 / 256  # of the dtype's range: what half norms, biases and their multiples by β may take


@declines
def search_labels(h: Array, codes: Array, metric: str, bias: Array | None, count: int, size: int) -> Any:
    """The `count` lowest energies (B, count) in ascending order, and their labels."""
    return search(h, codes, metric, bias, count, size, _compiled(h, codes))


@declines
def label_logsum(h: Array, codes: Array, metric: str, bias: Array | None, beta: float, size: int) -> Any:
    """F (B,) and dF/dh (B, d)."""
    return logsum(h, codes, metric, bias, beta, size, _compiled(h, codes))


@declines
def label_logsum_vjp_codes(
    df: Array, f: Array, h: Array, codes: Array, metric: str, bias: Array | None, beta: float, size: int,
    *, out: Array | None = None,
) -> Any:  # fmt: skip
    """dy (K, d)."""
    return pull_codes(df, f, h, codes, metric, bias, beta, size, out, _compiled(h, codes))


def search(h: Array, codes: Array, metric: str, bias: Array | None, count: int, size: int, compiled: Any = None) -> Any:
    """search_labels with the compiled kernels that are given, or by NumPy alone."""
    if not _usable(h, codes, bias, 1.0) or not 1 <= count <= min(KEPT, len(codes)):
        return NotImplemented
    if compiled and count == 1 and _few(h, codes, bias):
        from xpnet_numpy.label_few_fast import best_of_few  # late: Numba comes with it

        return best_of_few(h, codes, metric, bias) or NotImplemented
    with np.errstate(all="ignore"):
        tiles = _Tiles(h, codes, metric, bias, None, size, compiled)
        best = [Best(scores, len(block), h.dtype.char, count) for scores, block in tiles.blocks]
        for start in tiles.spans:
            for each in best:
                each.take(tiles.spans, start)
        if not tiles.bounded():
            return NotImplemented
        energies = tiles.own[:, None] - np.concatenate([each.scores for each in best])
    return energies, np.concatenate([each.labels for each in best])


def logsum(
    h: Array, codes: Array, metric: str, bias: Array | None, beta: float, size: int, compiled: Any = None
) -> Any:
    """label_logsum with the compiled kernels that are given, or by NumPy alone."""
    if not _usable(h, codes, bias, beta):
        return NotImplemented
    with np.errstate(all="ignore"):
        tiles = _Tiles(h, codes, metric, bias, beta, size, compiled)
        sums = [Sums(scores, len(block), h.shape[1], h.dtype.char) for scores, block in tiles.blocks]
        for _ in tiles.spans:
            for each in sums:
                each.take(tiles.spans)
        if not tiles.bounded():
            return NotImplemented
        if sums[0].level is None:  # a bias is the same for all samples: no label is possible for any of them
            return np.full(len(h), math.inf, h.dtype), np.zeros(h.shape, h.dtype)
        logs = np.concatenate([each.log_total() for each in sums])
        slope = np.concatenate([each.mean() for each in sums])
        np.subtract(
            np.concatenate([block for _, block in tiles.blocks]) if tiles.spans.distances else 0.0, slope, out=slope
        )
        return (tiles.own - logs / beta).astype(h.dtype), slope.astype(h.dtype)


def pull_codes(
    df: Array, f: Array, h: Array, codes: Array, metric: str, bias: Array | None, beta: float, size: int,
    out: Array | None = None, compiled: Any = None,
) -> Any:  # fmt: skip
    """label_logsum_vjp_codes with the compiled kernels that are given, or by NumPy alone."""
    if not _usable(h, codes, bias, beta) or not np.isfinite(df).all() or not (f > -math.inf).all():
        return NotImplemented
    with np.errstate(all="ignore"):
        tiles = _Tiles(h, codes, metric, bias, beta, size, compiled)
        level = np.where(np.isinf(f), 0.0, tiles.spans.scale * (tiles.own - f)).astype(h.dtype)
        pulls, done = [], 0
        for scores, block in tiles.blocks:
            part = slice(done, done := done + len(block))
            pulls.append(Pull(scores, df[part], level[part], block, tiles.spans.length))
        dy: Array = out if _holds(out, codes) else np.empty(codes.shape, codes.dtype)
        for start in tiles.spans:
            piece = dy[start : start + len(tiles.spans.y)]
            piece[:] = 0
            for each in pulls:
                each.add(tiles.spans, piece)
        return dy if tiles.bounded() else NotImplemented


class _Tiles:
    """Spans of codes, and blocks of samples, centred like them, with their scores."""

    def __init__(
        self, h: Array, codes: Array, metric: str, bias: Array | None, beta: float | None, size: int, compiled: Any
    ) -> None:
        kind = NumpyScores if compiled is None or len(h) < FEW else compiled.FastScores
        scale = 1.0 if beta is None else beta / math.log(kind.base)
        blocks = -(-len(h) // BLOCK)
        self.spans = Spans(
            codes, metric, bias, scale, size, -(-len(h) // blocks),
            folds=compiled is None and len(h) >= FEW, squares=None if compiled is None else compiled.squares,
        )  # fmt: skip
        self.h = h = h if self.spans.centre is None else h - self.spans.centre
        self._halves = 0.5 * np.vecdot(h, h)
        self.own = self._halves if self.spans.distances else np.zeros_like(self._halves)
        self.blocks = [(kind(block, self.spans), block) for block in np.array_split(h, blocks)]

    def bounded(self) -> bool:
        """Whether no number was or could become NaN or infinite; to be asked after the tiles have passed."""
        numbers = [self._halves, self.spans.peaks]
        if self.spans.bias is not None:
            numbers.append(np.abs(np.where(np.isposinf(self.spans.bias), 0.0, self.spans.bias)))
        limit = ROOM * float(np.finfo(self.own.dtype).max) / max(self.spans.scale, 1.0)
        return all(bool(np.max(each) <= limit) for each in numbers)  # NaN is not


def _few(h: Array, codes: Array, bias: Array | None) -> bool:
    """Whether reading the codes is all the work; a bias that is NaN or -∞ is the reference's."""
    plain = all(each.flags.c_contiguous for each in (h, codes) if each is not None)
    return len(h) <= FEWEST and plain and (bias is None or bool((bias > -math.inf).all()))


def _compiled(h: Array, codes: Array) -> Any:
    return fast.kernels(len(codes) * (len(h) + codes.shape[-1]), h.dtype.char) if h.ndim == codes.ndim == 2 else None


def _usable(h: Array, codes: Array, bias: Array | None, beta: float) -> bool:
    """Whether these are what the fast way is made for."""
    shaped = h.ndim == codes.ndim == 2 and h.size > 0 and codes.size > 0 and h.dtype == codes.dtype
    biased = bias is None or (bias.ndim == 1 and bias.dtype == h.dtype)
    return bool(shaped and biased and h.dtype.char in "fd" and BETAS[0] < beta < BETAS[1])


def _holds(out: Array | None, codes: Array) -> bool:
    return out is not None and out.shape == codes.shape and out.dtype == codes.dtype and out.flags.c_contiguous
