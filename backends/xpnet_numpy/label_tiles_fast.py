"""The same scores with Numba: one pass for maxima, one for weights and their sums. Imported by `fast` alone.

Weights are powers of two, whose exponent's whole part goes straight into a float's bits. Products stay with NumPy's
BLAS: a second one in the process would fight it for the cores.
"""

from typing import Any

import numpy as np
from numba import njit

from xpnet_numpy.label_spans import Spans

Array = Any
F, I = np.float32, np.int32  # noqa: E741
ROUNDS = F(1.5 * 2.0**23)  # adding it leaves the nearest whole number in the last bits
LOWEST, HIGHEST = F(-126.0), F(120.0)  # exponents whose powers are ordinary numbers, with room for a sum
# 2^r for |r| ≤ ½ within 2e-9
C0, C1, C2, C3, C4, C5, C6 = map(
    F,
    (
        1.0000000005541687, 0.693147205737262, 0.2402264689062028, 0.055503287769745634,
        0.009618488958593126, 0.001339993121629082, 0.0001534581160792181,
    ),
)  # fmt: skip


def compiled(function: Any, inline: str = "never", flags: frozenset[str] = frozenset({"contract", "nsz"})) -> Any:
    """The function compiled at its first call, kept on disk where a place can be written to."""
    options: dict[str, Any] = {"nogil": True, "fastmath": set(flags), "inline": inline, "error_model": "numpy"}
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:  # no place for a cache
        return njit(**options)(function)


def _power(x: Any) -> Any:
    """2^x, 0 where it would be no ordinary number, 2^120 above that."""
    x = HIGHEST if x > HIGHEST else x
    shifted = x + ROUNDS
    r = x - (shifted - ROUNDS)
    mantissa = C0 + r * (C1 + r * (C2 + r * (C3 + r * (C4 + r * (C5 + r * C6)))))
    bits = F(mantissa).view(I) + (F(shifted).view(I) << I(23))
    return I(bits).view(F) if x > LOWEST else F(0.0)


power = compiled(_power, inline="always")


def _highest(scores: Array, offsets: Array, here: Array) -> None:
    """here_b = max_t (score_tb - offset_t), four rows at a time."""
    many, batch = scores.shape
    here[:] = -np.inf
    for t in range(0, many - 3, 4):
        for b in range(batch):
            first, second = scores[t, b] - offsets[t], scores[t + 1, b] - offsets[t + 1]
            third, fourth = scores[t + 2, b] - offsets[t + 2], scores[t + 3, b] - offsets[t + 3]
            first, third = max(first, second), max(third, fourth)
            here[b] = max(here[b], max(first, third))
    for t in range(many - many % 4, many):
        for b in range(batch):
            here[b] = max(here[b], scores[t, b] - offsets[t])


def _weigh(scores: Array, offsets: Array, level: Array, sums: Array) -> None:
    """scores_tb becomes 2^(score_tb - offset_t - level_b), sums_b = Σ_t of them, two rows at a time."""
    many, batch = scores.shape
    sums[:] = 0
    for t in range(0, many - 1, 2):
        for b in range(batch):
            first = power(scores[t, b] - (offsets[t] + level[b]))
            second = power(scores[t + 1, b] - (offsets[t + 1] + level[b]))
            scores[t, b], scores[t + 1, b] = first, second
            sums[b] += first + second
    if many % 2:
        for b in range(batch):
            last = power(scores[many - 1, b] - (offsets[many - 1] + level[b]))
            scores[many - 1, b] = last
            sums[b] += last


def _squares(y: Array, out: Array) -> None:
    """out_t = ‖y_t‖²."""
    for t in range(len(y)):
        total = F(0.0)
        for k in range(y.shape[1]):
            total += y[t, k] * y[t, k]
        out[t] = total


squares_of = compiled(_squares, flags=frozenset({"contract", "nsz", "reassoc"}))
highest = compiled(_highest, flags=frozenset({"nnan", "nsz"}))
weigh = compiled(_weigh)


def squares(y: Array, out: Array) -> None:
    """out_t = ‖y_t‖² for y (T, d) in C order."""
    y = y.view()
    y.flags.writeable = False  # one compilation for both kinds of arrays
    squares_of(y, out)


class FastScores:
    """Scores in base 2 of a block of samples, float32."""

    base = 2.0

    def __init__(self, h: Array, spans: Spans) -> None:
        batch, width = h.shape
        self._right = np.empty((width, batch), F)
        np.multiply(h.T, spans.scale, out=self._right)
        self._scores = np.empty((spans.length, batch), F)
        self._here, self._sums = np.empty((2, batch), F)

    def highest(self, spans: Spans) -> Array:
        """The largest score of each sample (B,)."""
        self._tile, self._offsets = self._scores[: len(spans.y)], spans.offsets
        np.dot(spans.y, self._right, out=self._tile)
        highest(self._tile, spans.offsets, self._here)
        return self._here

    def columns(self, samples: Array) -> Array:
        """All scores of some samples (n, T), after `highest`."""
        return self._tile.T[samples] - self._offsets

    def weights(self, spans: Spans, level: Array, ready: bool = False) -> tuple[Array, Array]:
        """2^(score - level) (T, B), and their sums (B,)."""
        weights = self._scores[: len(spans.y)]
        if not ready:
            np.dot(spans.y, self._right, out=weights)
        weigh(weights, spans.offsets, level, self._sums)
        return weights, self._sums


def prove() -> None:
    """Compile, and raise ArithmeticError unless results are those of NumPy."""
    scores = (np.arange(7 * 19, dtype=F) * 37 % 133 - 100).reshape(7, 19) * F(0.375)  # sums of these are exact
    offsets, level, here = scores[:, 3].copy(), scores[2].copy(), np.empty(19, F)
    above = scores - offsets[:, None]
    wanted = np.exp2(above - level)
    highest(scores, offsets, here)
    right = np.array_equal(here, above.max(axis=0))
    squares(above, offsets[:7])
    right = right and np.allclose(offsets, np.vecdot(above, above), 2e-6)
    offsets = scores[:, 3].copy()
    weigh(scores, offsets, level, here)
    if not right or not np.allclose(scores, wanted, 2e-6) or not np.allclose(here, wanted.sum(axis=0), 2e-6):
        msg = "compiled maxima or powers of two are wrong"
        raise ArithmeticError(msg)
