"""Softmax and logsum without the guards that only infinite energies and infinite β need.

Whether they are needed is asked of the rows' extremes alone, one number a row; then the reference runs.
"""

import math
from typing import Any

import numpy as np

from xpnet.ops import declines
from xpnet_numpy.ones import ones

Array = Any
SMALLEST = 1e-30  # a β that float32 still tells from 0
SHORT = 32


@declines
def logsum(x: Array, beta: Array | float = 1.0, mean: bool = False) -> Array:
    """-1/β log Σ_k exp(-β x_k) for finite extremes and β."""
    weighed = None if mean else _weigh(x, beta)
    if weighed is None:
        return NotImplemented
    extreme, _, total = weighed
    return extreme[..., 0] - np.log(total[..., 0]) / beta


@declines
def logsum_vjp(dy: Array, x: Array, beta: Array | float = 1.0) -> Array:
    """dx_k = dy P_k for finite extremes and β."""
    weighed = _weigh(x, beta)
    if weighed is None or dy.shape != x.shape[:-1]:
        return NotImplemented
    _, weights, total = weighed
    weights *= dy[..., None] / total
    return weights


@declines
def softmax(x: Array, beta: Array | float = 1.0) -> Array:
    """exp(-β x_k) / Σ_j exp(-β x_j) for finite extremes and β."""
    weighed = _weigh(x, beta)
    if weighed is None:
        return NotImplemented
    _, weights, total = weighed
    weights /= total
    return weights


@declines
def surprisal(x: Array, beta: float = 1.0) -> Array:
    """x_k - logsum(x) for finite extremes and β."""
    weighed = _weigh(x, beta)
    if weighed is None:
        return NotImplemented
    extreme, _, total = weighed
    above = x - extreme
    above += np.log(total) / beta
    return above


def _weigh(x: Array, beta: Array | float) -> tuple[Array, Array, Array] | None:
    """The dominating energy of each row, exp(-β (x - it)), and their sum; None if the reference has to see to it."""
    if type(beta) is not float or not SMALLEST < abs(beta) < math.inf or x.size == 0:
        return None
    rows = x if x.ndim == 2 else x.reshape(-1, x.shape[-1])
    lowest = np.minimum if beta > 0 else np.maximum
    if rows.shape[1] <= SHORT <= len(rows):  # short rows are reduced quicker as columns
        extreme = lowest.reduce(np.ascontiguousarray(rows.T), axis=0)[:, None]
    else:
        extreme = lowest.reduce(rows, axis=1, keepdims=True)
    with np.errstate(over="ignore", invalid="ignore"):
        # A sum is not finite if any of its terms is not; if it merely overflows, the reference is right as well.
        if not math.isfinite(extreme.sum()):
            return None
        weights = extreme - rows
        if beta != 1.0:
            weights *= beta
    np.exp(weights, out=weights)
    total = np.dot(weights, ones(x.shape[-1], x.dtype.char))
    shape = (*x.shape[:-1], 1)
    return extreme.reshape(shape), weights.reshape(x.shape), total.reshape(shape)
