"""Convolutions along one or two axes by torch's own operations; torch has its features before its positions."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch.nn import functional, grad

from xpnet._typing import Array, Overrides, Shape
from xpnet.ops import declines
from xpnet.ops.window import Windows, along_one_or_two

FORWARD = {1: functional.conv1d, 2: functional.conv2d}
INPUT = {1: grad.conv1d_input, 2: grad.conv2d_input}
WEIGHT = {1: grad.conv1d_weight, 2: grad.conv2d_weight}


@declines
def convolution(x: Array, weight: Array, bias: Array | None, over: Windows) -> Array:
    """y_p = Σ_j W_j x_(stride·p + dilation·j) + b."""
    if not along_one_or_two(over, x.shape[-1 - len(over) : -1], x.numel() * weight.numel()):
        return NotImplemented
    with full_precision(x):
        y = FORWARD[len(over)](_theirs(_flat(x, over)), _theirs(weight), bias, **_steps(over))
    return _ours(y, x, over)


@declines
def convolution_vjp_x(dy: Array, weight: Array, over: Windows, sizes: Shape) -> Array:
    """dx_s = Σ_j W_jᵀ dy_p."""
    if not along_one_or_two(over, sizes, dy.numel() * weight.numel()):
        return NotImplemented
    flat = _flat(dy, over)
    shape = (flat.shape[0], weight.shape[-1], *sizes)
    with full_precision(dy):
        dx = INPUT[len(over)](shape, _theirs(weight), _theirs(flat), **_steps(over))
    return _ours(dx, dy, over)


@declines
def convolution_vjp_weight(dy: Array, x: Array, over: Windows) -> Array:
    """dW_j = Σ_p dy_p x_(stride·p + dilation·j)ᵀ."""
    if not along_one_or_two(over, x.shape[-1 - len(over) : -1], dy.numel() * x.numel()):
        return NotImplemented
    shape = (dy.shape[-1], x.shape[-1], *(w.width for w in over))
    with full_precision(dy):
        dweight = WEIGHT[len(over)](_theirs(_flat(x, over)), shape, _theirs(_flat(dy, over)), **_steps(over))
    return torch.movedim(dweight, 1, -1).contiguous()


def full_precision(x: Array) -> AbstractContextManager[object]:
    """On a GPU torch's convolutions are TF32 unless told otherwise."""
    return torch.backends.cudnn.flags(enabled=True, allow_tf32=False) if x.is_cuda else nullcontext()


def _steps(over: Windows) -> dict[str, Any]:
    return {"stride": [w.stride for w in over], "dilation": [w.dilation for w in over]}


def _flat(x: Array, over: Windows) -> Array:
    return x.reshape(-1, *x.shape[-1 - len(over) :])


def _theirs(x: Array) -> Array:
    return torch.movedim(x, -1, 1)


def _ours(y: Array, like: Array, over: Windows) -> Array:
    y = torch.movedim(y, 1, -1)
    return y.reshape(*like.shape[: -1 - len(over)], *y.shape[1:])


OVERRIDES: Overrides = {op.__name__: op for op in (convolution, convolution_vjp_x, convolution_vjp_weight)}
