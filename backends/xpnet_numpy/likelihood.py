"""The negative log-likelihood of a batch through one set of exponentials and NumPy's own indexing."""

import math
from typing import Any

import numpy as np

from xpnet.ops import declines
from xpnet_numpy.choice import in_range
from xpnet_numpy.gibbs import _weigh

Array = Any


@declines
def likelihood(x: Array, label: Array, beta: float = 1.0) -> Any:
    """-1/β log P_y and P for finite extremes and labels that all are in range."""
    if not in_range(label, x):
        return NotImplemented
    weighed = _weigh(x, beta)
    if weighed is None:
        return NotImplemented
    extreme, p, total = weighed
    loss = x[np.arange(len(label)), label]
    loss -= extreme[:, 0]
    p /= total
    logarithm = np.log(total[:, 0])
    logarithm /= beta
    loss += logarithm
    return loss, p


@declines
def likelihood_vjp(dloss: Array, x: Array, label: Array, p: Array) -> Array:
    """dL (δ(y - k) - p_k) in one pass, and the desired answers once more; none of them may be forbidden."""
    if not in_range(label, x) or dloss.shape != label.shape or p.shape != x.shape:
        return NotImplemented
    desired = np.arange(len(label)), label
    if not x[desired].max() < math.inf:
        return NotImplemented
    dx = p * (-dloss)[:, None]
    of_desired = 1.0 - p[desired]  # exact where p is near 1, which dL - dL p would not be
    of_desired *= dloss
    dx[desired] = of_desired
    return dx
