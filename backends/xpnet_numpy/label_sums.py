"""Running sums over tiles of labels: total weight and mean code, and each code's gradient.

Weights are taken from a level that some score has reached. It is raised only when a tile's weights grow too large, so
that no maximum is asked of the other tiles.
"""

from typing import Any

import numpy as np

from xpnet_numpy.label_scores import Scores
from xpnet_numpy.label_spans import Spans

Array = Any
MOST = 1e12  # a tile's weights may sum to this before the level is looked after,
RISE = 16.0  # and scores may be so far above it before it is raised
WARY = 8  # tiles that are looked at first, after a rise
TURNS = 32  # sums of so many tiles are taken in the codes' dtype, sums of those in float64


class Sums:
    """Σ_k w_k and Σ_k w_k y_k of a block of samples, w_k = base^(score - level)."""

    def __init__(self, scores: Scores, batch: int, width: int, char: str) -> None:
        self._source, self._turn, self._wary = scores, 0, 0
        self.level: Array | None = None  # no label has been possible so far
        self._total: Array = np.zeros(batch)
        self._drawn: Array = np.zeros((width, batch))
        self._recent: Array = np.zeros((width, batch), char)
        self._here: Array = np.empty((width, batch), char)

    def log_total(self) -> Array:
        """log Σ_k e^(score_k) (B,), the scores in base e."""
        return np.log(self._total) + self.level * np.log(self._source.base)

    def mean(self) -> Array:
        """Σ_k w_k y_k / Σ_k w_k (B, d)."""
        return ((self._drawn + self._recent) / self._total).T

    def take(self, spans: Spans) -> None:
        """One more tile."""
        if spans.forbidden:
            return
        weights, sums = self._weigh(spans)
        self._total += sums
        np.dot(spans.y.T, weights, out=self._here)
        self._recent += self._here
        self._turn += 1
        if self._turn % TURNS == 0:
            self._drawn += self._recent
            self._recent[:] = 0

    def _weigh(self, spans: Spans) -> tuple[Array, Array]:
        """Weights and their sums, from a level that is high enough: looked for at first and after a rise."""
        if self.level is not None and not self._wary:
            weights, sums = self._source.weights(spans, self.level)
            if np.maximum.reduce(sums) <= MOST:
                return weights, sums
        self._wary = max(self._wary - 1, 0)
        here = self._source.highest(spans)
        if self.level is None:
            self.level, self._wary = here.copy(), WARY
        elif np.maximum.reduce(here - self.level) > RISE:
            self._raise(self.level, here)
            self._wary = WARY
        return self._source.weights(spans, self.level, ready=True)

    def _raise(self, level: Array, here: Array) -> None:
        self.level = np.maximum(level, here)
        shrunk = np.power(self._source.base, np.subtract(level, self.level, dtype=np.float64))
        self._total *= shrunk
        self._drawn += self._recent
        self._drawn *= shrunk
        self._recent[:] = 0


class Pull:
    """dy_k = Σ_b dF_b P_bk (y_k - h_b), without y_k for products, of a block of samples with known sums."""

    def __init__(self, scores: Scores, df: Array, level: Array, h: Array, length: int) -> None:
        self._source, self._df, self._level = scores, df, level
        self._pulled = -df[:, None] * h
        self._room = np.empty((length, h.shape[1]), h.dtype)

    def add(self, spans: Spans, dy: Array) -> None:
        """The block's share of the gradient (T, d) of a tile."""
        weights, _ = self._source.weights(spans, self._level)
        room = self._room[: len(weights)]
        dy += np.dot(weights, self._pulled, out=room)
        if spans.distances:
            dy += np.multiply(np.dot(weights, self._df)[:, None], spans.y, out=room)
