"""The best label of few samples with Numba: every code is read once, and nothing is written but the best.

With few samples the work is reading the codes; a product, half norms and a maximum would read them three times.
"""

import math
from typing import Any

import numpy as np

from xpnet_numpy.label_tiles_fast import F, compiled

Array = Any
NOTHING = np.zeros(0, F)


def _squares(h: Array, y: Array) -> Any:
    total = F(0.0)
    for k in range(len(h)):
        difference = h[k] - y[k]
        total += difference * difference
    return F(0.5) * total


def _product(h: Array, y: Array) -> Any:
    total = F(0.0)
    for k in range(len(h)):
        total += h[k] * y[k]
    return -total


EXACT_ENOUGH = frozenset({"contract", "nsz", "reassoc"})  # sums may be taken in any order; NaN and infinities stay
squares = compiled(_squares, flags=EXACT_ENOUGH)
product = compiled(_product, flags=EXACT_ENOUGH)


def _nearest(h: Array, codes: Array, bias: Array, distances: bool, best: Array, label: Array) -> bool:
    """The lowest energy and the first label that has it; False where a product or distance is not finite."""
    finite = True
    for t in range(len(codes)):
        for b in range(len(h)):
            energy = squares(h[b], codes[t]) if distances else product(h[b], codes[t])
            finite = finite and abs(energy) < F(math.inf)
            if len(bias):
                energy += bias[t]
            if energy < best[b]:
                best[b], label[b] = energy, t
    return finite


nearest = compiled(_nearest)


def best_of_few(h: Array, codes: Array, metric: str, bias: Array | None) -> tuple[Array, Array] | None:
    """Energies (B, 1) and labels (B, 1) for float32 in C order; None where the reference has to see to it."""
    best, label = np.full(len(h), np.inf, F), np.zeros(len(h), np.int64)
    arrays = [each.view() for each in (h, codes, NOTHING if bias is None else bias)]
    for each in arrays:
        each.flags.writeable = False  # one compilation for both kinds of arrays
    if not nearest(*arrays, metric == "euclidean", best, label):
        return None
    return best[:, None], label[:, None]
