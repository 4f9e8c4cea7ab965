"""Primitives for which torch has one call where the standard needs several."""

import torch

from xpnet._typing import Array, Op, Overrides
from xpnet.ops import varying
from xpnet_torch import convolution
from xpnet_torch.precision import product


def overrides(device: torch.device, precision: str) -> Overrides:
    """The overrides for one device; with reduced precision, products go through the namespace's `matmul`."""
    reordering = {**ADDING, **(convolution.OVERRIDES if precision == "full" else {})}
    reordering = {name: op if device.type == "cpu" else varying(op) for name, op in reordering.items()}
    multiplying = PRODUCTS if precision == "full" else _reduced(product(precision))
    return {**ELEMENTWISE, **UPDATES, **reordering, **multiplying}


# --- products --------------------------------------------------------------------------------------------------


def linear(x: Array, weight: Array, bias: Array | None = None) -> Array:
    """x Wᵀ + b: the bias is added by the product's own epilogue."""
    return torch.nn.functional.linear(x, weight, bias)


def linear_vjp_x(dy: Array, weight: Array) -> Array:
    """dy W."""
    return torch.matmul(dy, weight)


def linear_vjp_weight(dy: Array, x: Array, *, out: Array | None = None) -> Array:
    """dyᵀ x, written where the caller keeps it."""
    return torch.mm(_rows(dy).t(), _rows(x), out=out)


def linear_vjp_bias(dy: Array, *, out: Array | None = None) -> Array:
    """Σ dy over the lead axes, written where the caller keeps it."""
    return torch.sum(_rows(dy), dim=0, out=out)


def _reduced(matmul: Op) -> Overrides:
    """Only what is no product of two matrices may stay torch's own."""
    return {"linear_vjp_bias": linear_vjp_bias, "linear_vjp_x": matmul}


# --- functions of each component -------------------------------------------------------------------------------


def tanh_vjp(dy: Array, y: Array) -> Array:
    """dy (1 - y²) in one kernel, torch's own."""
    return torch.ops.aten.tanh_backward(dy, y)


def sigmoid_vjp(dy: Array, y: Array) -> Array:
    """dy y (1 - y) in one kernel, torch's own."""
    return torch.ops.aten.sigmoid_backward(dy, y)


def relu(x: Array) -> Array:
    """max(x, 0)."""
    return torch.relu(x)


# --- adding by rows --------------------------------------------------------------------------------------------


def segment_add(ids: Array, values: Array, count: int) -> Array:
    """Row k is Σ of the values whose number is k; others are left out, in a row behind the last."""
    sums = values.new_zeros((count + 1, values.shape[-1]))
    ids = torch.where((ids >= 0) & (ids < count), ids, count)
    return sums.index_add_(0, ids.reshape(-1), values.reshape(-1, values.shape[-1]))[:count]


def sum_rows(ids: Array, values: Array, among: Array) -> Array:
    """Σ of the values with each of the numbers `among`, which may repeat."""
    if not among.shape[0]:
        return values[:0]
    sums = values.new_zeros((among.shape[0], *values.shape[1:]))
    ids, among = ids.contiguous(), among.contiguous()
    ordered = torch.sort(among).values
    place = torch.searchsorted(ordered, ids).clamp_(max=among.shape[0] - 1)  # of equal numbers the first
    wanted = (ordered[place] == ids).reshape(-1, *(1,) * (values.ndim - 1))
    sums.index_add_(0, place, torch.where(wanted, values, 0.0))
    return sums[torch.searchsorted(ordered, among)]


# --- updates ---------------------------------------------------------------------------------------------------


def sgd(
    x: Array, dx: Array, deltas: Array | None, learning_rate: Array | float, weight_decay: float, inertia: float
) -> tuple[Array, Array | None]:
    """The update in place, without `alpha=`: torch 2.13's compiler loses it where it joins a product and a sum."""
    if weight_decay:
        dx.add_(weight_decay * x)
    if deltas is not None:
        deltas.mul_(inertia).add_((1.0 - inertia) * dx)
        dx = deltas
    return x.sub_(learning_rate * dx), deltas


def replace_rows(x: Array, ids: Array, values: Array) -> Array:
    """x with other rows, written into it; equal ids come with equal values."""
    x[ids] = values
    return x


def _rows(x: Array) -> Array:
    return x if x.ndim == 2 else x.reshape(-1, x.shape[-1])


PRODUCTS: Overrides = {op.__name__: op for op in (linear, linear_vjp_x, linear_vjp_weight, linear_vjp_bias)}
ELEMENTWISE: Overrides = {op.__name__: op for op in (tanh_vjp, sigmoid_vjp, relu)}
ADDING: Overrides = {op.__name__: op for op in (segment_add, sum_rows)}
UPDATES: Overrides = {op.__name__: op for op in (sgd, replace_rows)}
