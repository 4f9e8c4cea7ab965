"""Primitives for which NumPy offers a better call than the standard's.

`np.matmul` is several times slower than `np.dot` for products with one row or column; a sum over rows is a product with
ones; results may be written where the caller keeps them.
"""

from typing import Any

import numpy as np

from xpnet.ops.pointwise import AMPLITUDE, SLOPE
from xpnet_numpy import rows, windows
from xpnet_numpy.choice import select
from xpnet_numpy.distance import euclidean
from xpnet_numpy.gibbs import logsum, logsum_vjp, softmax, surprisal
from xpnet_numpy.label_tiles import label_logsum, label_logsum_vjp_codes, search_labels
from xpnet_numpy.likelihood import likelihood, likelihood_vjp
from xpnet_numpy.ones import ones
from xpnet_numpy.replicas import replica_sum, replicated_sum

Array = Any
MATMUL_ROWS = range(2, 17)  # here `matmul` is the quicker product dyᵀ x; with one row it is far slower than `dot`

TURNED_ROWS = range(9, 49)  # here W xᵀ takes two thirds of the time of x Wᵀ


def linear(x: Array, weight: Array, bias: Array | None = None) -> Array:
    """x Wᵀ + b by one `dot`, turned round as (W xᵀ)ᵀ where that is the quicker product."""
    flat = x if x.ndim < 3 else x.reshape(-1, x.shape[-1])
    y = np.dot(weight, flat.T).T if len(flat) in TURNED_ROWS and flat.ndim == 2 else np.dot(flat, weight.T)
    if bias is not None:
        y += bias
    return y if x.ndim < 3 else y.reshape(*x.shape[:-1], weight.shape[0])


def linear_vjp_x(dy: Array, weight: Array) -> Array:
    """dy W by one `dot`."""
    if dy.ndim < 3:
        return np.dot(dy, weight)
    return np.dot(dy.reshape(-1, dy.shape[-1]), weight).reshape(*dy.shape[:-1], weight.shape[1])


def linear_vjp_weight(dy: Array, x: Array, *, out: Array | None = None) -> Array:
    """dyᵀ x by `matmul` or `dot`, whichever is quicker for this number of rows."""
    dy, x = dy.reshape(-1, dy.shape[-1]), x.reshape(-1, x.shape[-1])
    product = np.matmul if len(x) in MATMUL_ROWS else np.dot
    return product(dy.T, x, out=out)


def linear_vjp_bias(dy: Array, *, out: Array | None = None) -> Array:
    """Σ dy as a product with ones."""
    dy = dy.reshape(-1, dy.shape[-1])
    return dy[0] if len(dy) == 1 else np.dot(ones(len(dy), dy.dtype.char), dy, out=out)


def scaled_tanh(x: Array) -> Array:
    """1.7159 tanh(2x/3) in one buffer."""
    y = np.asarray(SLOPE * x)
    np.tanh(y, out=y)
    y *= AMPLITUDE
    return y


def scaled_tanh_vjp(dy: Array, y: Array) -> Array:
    """dy (2/3) (1.7159 - y²/1.7159) in one buffer."""
    slope = np.asarray(y * y)
    slope *= -SLOPE / AMPLITUDE
    slope += SLOPE * AMPLITUDE
    slope *= dy
    return slope


def tanh_vjp(dy: Array, y: Array) -> Array:
    """dy (1 - y²) in one buffer."""
    slope = np.asarray(y * y)
    np.subtract(1.0, slope, out=slope)
    slope *= dy
    return slope


def sgd(
    x: Array, dx: Array, deltas: Array | None, learning_rate: float, weight_decay: float, inertia: float
) -> tuple[Array, Array | None]:
    """The update in place, with dx as scratch: no memory is taken."""
    if weight_decay:
        dx += weight_decay * x
    if deltas is not None:
        deltas *= inertia
        dx *= 1.0 - inertia
        deltas += dx
        np.multiply(deltas, learning_rate, out=dx)
    else:
        dx *= learning_rate
    x -= dx
    return x, deltas


OVERRIDES = windows.OVERRIDES | {
    function.__name__: function
    for function in (
        linear,
        linear_vjp_x,
        linear_vjp_weight,
        linear_vjp_bias,
        scaled_tanh,
        scaled_tanh_vjp,
        tanh_vjp,
        euclidean,
        sgd,
        softmax,
        logsum,
        logsum_vjp,
        surprisal,
        select,
        likelihood,
        likelihood_vjp,
        replicated_sum,
        replica_sum,
        rows.sum_rows,
        rows.replace_rows,
        search_labels,
        label_logsum,
        label_logsum_vjp_codes,
    )
}
