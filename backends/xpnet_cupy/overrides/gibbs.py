"""Softmax, logsum and the likelihood, a block of threads for each row of energies: one launch each."""

import math
from functools import partial
from typing import TypeGuard

from xpnet._typing import Array, Overrides
from xpnet.ops import declines
from xpnet_cupy.overrides.kit import Kit, lead_of

SMALLEST = 1e-30  # a β that float32 still tells from 0


def gibbs(kit: Kit) -> Overrides:
    """The Gibbs distribution of rows of energies, its free energy, their pullbacks, and the likelihood."""
    functions = (softmax, softmax_vjp, logsum, logsum_vjp, likelihood, likelihood_vjp)
    return {function.__name__: declines(partial(function, kit)) for function in functions}


def softmax(kit: Kit, x: Array, beta: Array | float = 1.0) -> Array:
    """P (..., K)."""
    if not kit.takes(x) or not _usual(beta):
        return NotImplemented
    x, p = kit.flat(x), kit.new(x.shape, x)
    _by_rows(kit, "softmax", x, x, p, lead_of(x), x.shape[-1], beta)
    return p


def softmax_vjp(kit: Kit, dp: Array, p: Array, beta: Array | float = 1.0) -> Array:
    """dx (..., K)."""
    if dp.shape != p.shape or not kit.takes(dp, p) or not _usual(beta) or math.isinf(beta):
        return NotImplemented
    dp, p, dx = kit.flat(dp), kit.flat(p), kit.new(p.shape, p)
    _by_rows(kit, "softmax_vjp", p, dp, p, dx, lead_of(p), p.shape[-1], beta)
    return dx


def logsum(kit: Kit, x: Array, beta: Array | float = 1.0, mean: bool = False) -> Array:
    """F (...)."""
    if mean or not kit.takes(x) or not _usual(beta):
        return NotImplemented
    x, f = kit.flat(x), kit.new(x.shape[:-1], x)
    _by_rows(kit, "logsum", x, x, f, lead_of(x), x.shape[-1], beta)
    return f


def logsum_vjp(kit: Kit, dy: Array, x: Array, beta: Array | float = 1.0) -> Array:
    """dx (..., K)."""
    if not kit.takes(x, dy) or dy.shape != x.shape[:-1] or not _usual(beta):
        return NotImplemented
    dy, x, dx = kit.flat(dy), kit.flat(x), kit.new(x.shape, x)
    _by_rows(kit, "logsum_vjp", x, dy, x, dx, lead_of(x), x.shape[-1], beta)
    return dx


def likelihood(kit: Kit, x: Array, label: Array, beta: float = 1.0) -> tuple[Array, Array]:
    """The loss (...) and P (..., K)."""
    if not kit.takes(x) or not _labels(label, x) or not _usual(beta) or beta == 0:
        return NotImplemented
    x, label = kit.flat(x), kit.flat(label)
    loss, p = kit.new(x.shape[:-1], x), kit.new(x.shape, x)
    _by_rows(kit, "likelihood", x, x, label, loss, p, lead_of(x), x.shape[-1], beta)
    return loss, p


def likelihood_vjp(kit: Kit, dloss: Array, x: Array, label: Array, p: Array) -> Array:
    """dx (..., K)."""
    if not kit.takes(x, dloss, p) or not _labels(label, x) or dloss.shape != x.shape[:-1] or p.shape != x.shape:
        return NotImplemented
    dloss, x, label, p = map(kit.flat, (dloss, x, label, p))
    dx = kit.new(x.shape, x)
    _by_rows(kit, "likelihood_vjp", x, dloss, x, label, p, dx, lead_of(x), x.shape[-1])
    return dx


def _by_rows(kit: Kit, kernel: str, x: Array, *args: Array | float) -> None:
    kit.by_rows(kernel, lead_of(x), x.shape[-1], *args)


def _usual(beta: object) -> TypeGuard[float]:
    """Whether β is a number, and 0 if float32 would take it for 0."""
    return type(beta) is float and (beta == 0 or abs(beta) >= SMALLEST)


def _labels(label: Array, x: Array) -> bool:
    return bool(label.shape == x.shape[:-1] and label.dtype.kind == "i" and label.dtype.itemsize == 8)
