"""Label codes tile by tile: near their centre, with what is subtracted from their products with h.

A tile stays in the processor's cache from its first reading to its last use.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from xpnet_numpy.ones import ones

Array = Any
Squares = Callable[[Any, Any], Any]  # (y, out) -> ‖y‖² of each row
SAMPLED = 1024  # so many codes tell where the centre is
SHORT = 32  # sums of squares of shorter rows are quicker as a product with ones
LONG = 192  # half the width from which products cost so much that tiles need not be shorter for it
CACHED = 3 << 17  # bytes of the scores of one tile: with the codes, they stay in a second-level cache of 1 MiB


class Spans:
    """Iterating loads tile after tile and gives where each starts: `y` (T, d) and `offsets` (T,) are then its own.

    The offsets are scale (½ ‖y‖² + bias), without the halves where energies are products. With `folds` the tile also
    lies in `whole` (T, d + 2) as y | -offsets | 1, so that one product gives scores that need no second pass.
    """

    def __init__(
        self,
        codes: Array,
        metric: str,
        bias: Array | None,
        scale: float,
        size: int,
        batch: int,
        *,
        folds: bool = False,
        squares: Squares | None = None,
    ) -> None:
        self.codes, self.bias, self.scale, self.distances = codes, bias, scale, metric == "euclidean"
        self.count, width = codes.shape
        self.length = min(size, self.count, _length(batch, width, codes.itemsize))
        self.centre = _centre(codes) if self.distances else None
        self.peaks = np.zeros(self.length, codes.dtype)  # the largest ‖y‖² of each place, NaN if there was one
        self.forbidden = False  # no label of the tile is possible
        self._norms, self._offsets = np.empty((2, self.length), codes.dtype)
        self._squares = squares or (_short_squares(self.length, codes) if width <= SHORT else _squares)
        self._moved = self.centre is not None or not codes.flags.c_contiguous  # the tile's y is a copy
        self.folds = folds
        self._room = np.ones((self.length, width + 2 * folds), codes.dtype) if folds or self._moved else None

    def __iter__(self) -> Iterator[int]:
        for start in range(0, self.count, self.length):
            self._load(start, min(start + self.length, self.count))
            yield start

    def _load(self, start: int, stop: int) -> None:
        y, width, many = self.codes[start:stop], self.codes.shape[1], stop - start
        if self._room is not None:
            self.whole = self._room[:many]
            if self.centre is None:
                np.copyto(self.whole[:, :width], y)
            else:
                np.subtract(y, self.centre, out=self.whole[:, :width])
            y = self.whole[:, :width] if self._moved else y
        self.y, squares, self.offsets = y, self._norms[:many], self._offsets[:many]
        self._squares(y, squares)
        np.maximum(self.peaks[:many], squares, out=self.peaks[:many])
        np.multiply(squares, 0.5 * self.scale if self.distances else 0.0, out=self.offsets)
        if self.bias is not None:
            self.offsets += self.scale * self.bias[start:stop]
            self.forbidden = bool(np.isposinf(self.offsets).all())
        if self.folds:
            np.negative(self.offsets, out=self.whole[:, width])


def _length(batch: int, width: int, itemsize: int) -> int:
    """Labels of a tile: a multiple of 64 whose scores fit the cache, and codes too unless they are long."""
    return max(CACHED // (itemsize * max(batch, min(width // 2, LONG), 1)) // 64, 1) * 64


def _squares(y: Array, out: Array) -> None:
    np.vecdot(y, y, out=out)


def _short_squares(length: int, codes: Array) -> Squares:
    room, one = np.empty((length, codes.shape[1]), codes.dtype), ones(codes.shape[1], codes.dtype.char)

    def squares(y: Array, out: Array) -> None:
        np.dot(np.multiply(y, y, out=room[: len(y)]), one, out=out)

    return squares


def _centre(codes: Array) -> Array | None:
    """About the mean of the codes; None where they lie around the origin, and centring would gain no digit."""
    sample = codes[:: max(len(codes) // SAMPLED, 1)]
    centre = np.dot(ones(len(sample), codes.dtype.char), sample)
    centre *= 1.0 / len(sample)
    spread = np.einsum("kd,kd->", sample, sample) / len(sample)
    return None if 2.0 * np.dot(centre, centre) <= spread else centre
