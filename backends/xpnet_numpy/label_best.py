"""The lowest energies of a block of samples so far: most tiles hold none, and cost one maximum."""

from typing import Any

import numpy as np

from xpnet_numpy.label_scores import Scores
from xpnet_numpy.label_spans import Spans

Array = Any


class Best:
    """The `count` highest scores (B, count), falling, and their labels; of equal ones the first labels."""

    def __init__(self, scores: Scores, batch: int, char: str, count: int) -> None:
        self._source, self._count = scores, count
        self.scores: Array = np.full((batch, 1 if count == 1 else 0), -np.inf, char)
        self.labels: Array = np.zeros(self.scores.shape, np.int64)

    def take(self, spans: Spans, start: int) -> None:
        """One more tile."""
        here = self._source.highest(spans)
        if start < self._count > 1:  # not yet full: every label comes in, also forbidden ones
            samples = np.arange(len(here))
            scores = self._source.columns(samples)
            last = max(scores.shape[1] - self._count, 0)
            least = np.partition(scores, last, axis=1)[:, last, None]
            self._merge(samples, *_chosen(scores, ~(scores < least), start))  # NaN is chosen too
            return
        samples = np.flatnonzero(here > self.scores[:, -1])
        if samples.size:
            scores = self._source.columns(samples)
            if self._count == 1:
                self.scores[samples, 0], self.labels[samples, 0] = here[samples], start + scores.argmax(axis=1)
            else:
                self._merge(samples, *_chosen(scores, scores > self.scores[samples, -1:], start))

    def _merge(self, samples: Array, scores: Array, labels: Array) -> None:
        """Earlier tiles stand in front, so that a stable sort keeps the first of a tie."""
        scores = np.concatenate([self.scores[samples], scores], axis=1)
        labels = np.concatenate([self.labels[samples], labels], axis=1)
        order = np.argsort(-scores, axis=1, kind="stable")[:, : self._count]
        scores, labels = (np.take_along_axis(each, order, axis=1) for each in (scores, labels))
        if scores.shape == self.scores.shape or self.scores.shape[1] == self._count:
            self.scores[samples], self.labels[samples] = scores, labels
        else:
            self.scores, self.labels = scores, labels


def _chosen(scores: Array, which: Array, start: int) -> tuple[Array, Array]:
    """Some of the scores (n, T) and their labels, in as many columns as the row with most of them needs."""
    rows, places = np.nonzero(which)
    counts = np.bincount(rows, minlength=len(scores))
    columns = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    kept = np.full((len(scores), counts.max()), -np.inf, scores.dtype)
    labels = np.zeros(kept.shape, np.int64)
    kept[rows, columns], labels[rows, columns] = scores[rows, places], start + places
    return kept, labels
