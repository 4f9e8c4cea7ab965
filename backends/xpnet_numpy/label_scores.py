"""Scores of one tile of labels for a block of samples, (T, B): maxima, columns and weights by NumPy alone.

A score is what an energy lacks of the part that all labels share, turned round and scaled: scale (h·y - ½‖y‖² - bias).
Labels lead, so that reductions over them run through long rows.
"""

import math
from typing import Any, Protocol

import numpy as np

from xpnet_numpy.label_spans import Spans
from xpnet_numpy.ones import ones

Array = Any
FEW = 16  # below so many samples, scores cost little, and a tile is not worth a copy
ROWS = 16  # reductions take so many rows at a time first


class Scores(Protocol):
    """What a block of samples asks of each tile; results stay valid until the next call."""

    base: float

    def highest(self, spans: Spans) -> Array:
        """The largest score of each sample (B,)."""

    def columns(self, samples: Array) -> Array:
        """All scores of some samples (n, T), after `highest`."""

    def weights(self, spans: Spans, level: Array, ready: bool = False) -> tuple[Array, Array]:
        """base^(score - level) (T, B), and their sums over the tile (B,); `ready`: directly after `highest`."""


class NumpyScores:
    """One product gives scores with their offset and level, where tiles are folded; every other pass is in place."""

    base = math.e

    def __init__(self, h: Array, spans: Spans) -> None:
        batch, width = h.shape
        self._right = np.ones((width + 2, batch), h.dtype)
        np.multiply(h.T, spans.scale, out=self._right[:width])
        self._scores = np.empty((spans.length, batch), h.dtype)

    def highest(self, spans: Spans) -> Array:
        """The largest score of each sample (B,)."""
        scores = self._tile = self._scores[: len(spans.y)]
        if spans.folds:
            np.dot(spans.whole[:, :-1], self._right[:-1], out=scores)
        else:
            np.dot(spans.y, self._right[:-2], out=scores)
            scores -= spans.offsets[:, None]
        return _highest(scores)

    def columns(self, samples: Array) -> Array:
        """All scores of some samples (n, T), after `highest`."""
        return self._tile.T[samples]

    def weights(self, spans: Spans, level: Array, ready: bool = False) -> tuple[Array, Array]:
        """exp(score - level) (T, B), and their sums (B,)."""
        weights = self._scores[: len(spans.y)]
        if spans.folds and not ready:
            np.negative(level, out=self._right[-1])
            np.dot(spans.whole, self._right, out=weights)
        else:
            if not ready:
                np.dot(spans.y, self._right[:-2], out=weights)
                weights -= spans.offsets[:, None]
            weights -= level
        np.exp(weights, out=weights)
        return weights, np.dot(ones(len(weights), weights.dtype.char), weights)


def _highest(scores: Array) -> Array:
    """The maximum over the leading axis, first over long runs of rows, which costs few calls of the inner loop."""
    if len(scores) % ROWS == 0:
        scores = np.maximum.reduce(scores.reshape(ROWS, -1), axis=0).reshape(-1, scores.shape[1])
    return np.maximum.reduce(scores, axis=0)
