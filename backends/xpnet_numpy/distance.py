"""Energies of a batch against a label set by one `dot`, with every other pass over the result in place."""

from typing import Any

import numpy as np

from xpnet.ops import declines
from xpnet.ops.distance import all_pairs
from xpnet_numpy.ones import ones

Array = Any


@declines
def euclidean(x: Array, y: Array) -> Array:
    """½ ‖x - y‖² for all pairs; single pairs are left to the reference."""
    if all_pairs(x, y):
        return _pairs(x, y)
    return _pairs(y, x) if all_pairs(y, x) else NotImplemented


def _pairs(samples: Array, labels: Array) -> Array:
    left, right = samples.reshape(-1, samples.shape[-1]), labels.reshape(-1, labels.shape[-1])
    centre = np.dot(ones(len(right), right.dtype.char), right)
    centre *= 1.0 / len(right)
    left, right = left - centre, right - centre
    energies = np.dot(left, right.T)
    np.subtract(0.5 * np.vecdot(right, right), energies, out=energies)
    energies += 0.5 * np.vecdot(left, left)[:, None]
    lead = (1,) * max(labels.ndim - samples.ndim, 0) + samples.shape[:-2]
    return energies.reshape(*lead, len(right))
