"""How far two sets of numbers are apart."""

import math

import numpy as np

from portability_table.passes import KINDS, Numbers
from xpnet._typing import HostArray

Differences = dict[str, float]  # of each kind: the largest over its arrays


def differences(found: Numbers, oracle: Numbers) -> Differences:
    """Of each kind of numbers, the largest difference relative to the largest number of the oracle's array."""
    return {
        kind: max((difference(found[kind].get(name), wanted) for name, wanted in oracle[kind].items()), default=0.0)
        for kind in KINDS
    }


def difference(found: HostArray | None, wanted: HostArray) -> float:
    """max |found - wanted| / max |wanted|; infinite for another shape, or where only one of them is finite."""
    if found is None or found.shape != wanted.shape:
        return math.inf
    finite = np.isfinite(wanted)
    if not np.array_equal(found[~finite], wanted[~finite], equal_nan=True) or not np.isfinite(found[finite]).all():
        return math.inf
    apart, largest = (float(np.max(np.abs(x), initial=0.0)) for x in (found[finite] - wanted[finite], wanted[finite]))
    if apart == 0:
        return 0.0
    return apart / largest if largest else math.inf
