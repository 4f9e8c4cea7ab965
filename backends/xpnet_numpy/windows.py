"""Convolutions, windows and lookups on NumPy: one product over copied windows, additions in place.

A window view (`as_strided`) copied to rows makes a convolution one `dot`. Backward, small gradients go through the same
product with the kernel turned round; large ones are added into place, one offset at a time.
"""

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from xpnet.errors import LabelError
from xpnet.ops.window import Window, Windows, lengths, offsets

Array = Any
Shape = tuple[int, ...]
FEW_NUMBERS = 1 << 18  # copied windows up to this size are cheaper than one call for each offset
PIECE = 1 << 18  # so many numbers of windows are copied at a time: memory stays bounded for any batch


def convolution(x: Array, weight: Array, bias: Array | None, over: Windows) -> Array:
    """Windows as rows, and one product; piece by piece where they are many."""
    view, features = _windows(_one_lead_axis(x, over), over), weight.shape[0]
    kernel = weight.reshape(features, -1).T
    y: Array = np.empty((*view.shape[: -1 - len(over)], features), dtype=x.dtype)
    for piece in _pieces(view):
        np.dot(_rows(view[piece], over), kernel, out=y[piece].reshape(-1, features))
    if bias is not None:
        y += bias
    return y.reshape(*x.shape[: x.ndim - 1 - len(over)], *y.shape[y.ndim - 1 - len(over) :])


def convolution_vjp_x(dy: Array, weight: Array, over: Windows, sizes: Shape) -> Array:
    """A convolution of the spread dy with the turned kernel, or one product and one addition for each offset."""
    lead, features = dy.shape[: dy.ndim - 1 - len(over)], weight.shape[-1]
    if prod((*lead, *sizes)) * (weight.size // features) <= FEW_NUMBERS:
        turned = weight[(slice(None), *(slice(None, None, -1),) * len(over))].swapaxes(0, -1)
        dense = tuple(Window(window.width, 1, window.dilation) for window in over)
        return convolution(_spread(dy, over, sizes), turned, None, dense)
    rows = dy.reshape(-1, dy.shape[-1])
    dx = np.zeros((*lead, *sizes, features), dtype=dy.dtype)
    for offset in offsets(over):
        product = np.dot(rows, weight[(slice(None), *offset, slice(None))])
        dx[_places(dy, over, offset)] += product.reshape(*dy.shape[:-1], features)
    return dx


def convolution_vjp_weight(dy: Array, x: Array, over: Windows) -> Array:
    """dyᵀ times the windows as rows, summed over the pieces."""
    view, dy = _windows(_one_lead_axis(x, over), over), _one_lead_axis(dy, over)
    features = dy.shape[-1]
    sums: Array = np.zeros((features, prod(view.shape[-1 - len(over) :])), dtype=dy.dtype)
    for piece in _pieces(view):
        sums += np.dot(dy[piece].reshape(-1, features).T, _rows(view[piece], over))
    return sums.reshape(features, *view.shape[-1 - len(over) :])


def convolution_squared_vjp_x(ddy: Array, weight: Array, over: Windows, sizes: Shape) -> Array:
    """The same through W∘W."""
    return convolution_vjp_x(ddy, weight * weight, over, sizes)


def convolution_squared_vjp_weight(ddy: Array, x: Array, over: Windows) -> Array:
    """The same through x∘x."""
    return convolution_vjp_weight(ddy, x * x, over)


def patches(x: Array, over: Windows) -> Array:
    """One copy of the window view."""
    view = np.array(_windows(x, over), order="C")
    return view.reshape(*view.shape[: x.ndim - 1], prod(view.shape[x.ndim - 1 :]))


def patches_vjp(dy: Array, over: Windows, sizes: Shape) -> Array:
    """Each offset's slice added into place."""
    features = dy.shape[-1] // prod(window.width for window in over)
    dx = np.zeros((*dy.shape[: dy.ndim - 1 - len(over)], *sizes, features), dtype=dy.dtype)
    for k, offset in enumerate(offsets(over)):
        dx[_places(dy, over, offset)] += dy[..., k * features : (k + 1) * features]
    return dx


def window_sum(x: Array, over: Windows) -> Array:
    """One axis after the other, the outer one first, where what lies side by side is longest."""
    for axis, window in enumerate(over, start=x.ndim - 1 - len(over)):
        positions = window.positions(x.shape[axis])
        first, *others = (x[(slice(None),) * axis + (window.steps(j, positions),)] for j in range(window.width))
        x = first + others.pop(0) if others else first.copy()
        for other in others:
            x += other
    return x


def window_sum_vjp(dy: Array, over: Windows, sizes: Shape) -> Array:
    """dy repeated, where windows tile x; else added into place for each offset."""
    if all(w.stride == w.width == w.reach and n % w.width == 0 for w, n in zip(over, sizes, strict=True)):
        for axis, window in enumerate(reversed(over), start=2):
            dy = dy.repeat(window.width, axis=-axis)
        return dy
    dx = np.zeros((*dy.shape[: dy.ndim - 1 - len(over)], *sizes, dy.shape[-1]), dtype=dy.dtype)
    for offset in offsets(over):
        dx[_places(dy, over, offset)] += dy
    return dx


def lookup(weight: Array, ids: Array) -> Array:
    """`take`, which does not see that a negative number is no symbol."""
    count = weight.shape[0]
    if ids.size and not 0 <= ids.min() <= ids.max() < count:
        msg = f"a lookup table of {count} symbols knows 0 … {count - 1}; got {ids.min()} … {ids.max()}"
        raise LabelError(msg)
    return np.take(weight, ids, axis=0)


def segment_add(ids: Array, values: Array, count: int) -> Array:
    """`bincount` over the places of the result; it sums in float64."""
    features = values.shape[-1]
    places = ids.reshape(-1, 1) * features + np.arange(features)
    sums = np.bincount(places.reshape(-1), values.reshape(-1), count * features)
    return sums.astype(values.dtype, copy=False).reshape(count, features)


def _windows(x: Array, over: Windows) -> Array:
    """A view (*lead, *positions, *widths, F) of x; it must not be written."""
    axes = range(x.ndim - 1 - len(over), x.ndim - 1)
    positions = (window.positions(x.shape[axis]) for window, axis in zip(over, axes, strict=True))
    widths = (window.width for window in over)
    steps = [x.strides[axis] * window.stride for window, axis in zip(over, axes, strict=True)]
    inner = [x.strides[axis] * window.dilation for window, axis in zip(over, axes, strict=True)]
    shape = (*x.shape[: axes.start], *positions, *widths, x.shape[-1])
    return as_strided(x, shape, (*x.strides[: axes.start], *steps, *inner, x.strides[-1]), writeable=False)


def _one_lead_axis(x: Array, over: Windows) -> Array:
    return x.reshape(-1, *x.shape[x.ndim - 1 - len(over) :]) if x.size else x.reshape(0, *x.shape[-1 - len(over) :])


def _pieces(view: Array) -> Iterator[slice]:
    """Slices of the first axis whose windows are few enough to copy; at least one entry each."""
    count = len(view)
    step = max(PIECE * count // view.size, 1) if view.size else max(count, 1)
    return (slice(start, start + step) for start in range(0, count, step))


def _rows(view: Array, over: Windows) -> Array:
    """A copy of the windows (n, numbers of a window), by rows or by columns, whichever has longer runs to copy."""
    inner = 1 + len(over)
    count = prod(view.shape[-inner:])
    if view.shape[-1] == 1 and view.shape[-inner - 1] > view.shape[-2]:
        columns = np.ascontiguousarray(np.moveaxis(view, range(-inner, 0), range(inner)))
        return columns.reshape(count, -1).T
    return view.reshape(-1, count)


def _places(dy: Array, over: Windows, offset: Shape) -> tuple[Any, ...]:
    """Where the steps at one offset of all windows stand in x."""
    steps = (w.steps(j, count) for w, j, count in zip(over, offset, lengths(dy, over), strict=True))
    return (..., *steps, slice(None))


def _spread(dy: Array, over: Windows, sizes: Shape) -> Array:
    """dy at the step where its window starts, with zeros around, as in the reference."""
    lead = dy.shape[: dy.ndim - 1 - len(over)]
    shape = (size + window.reach - 1 for window, size in zip(over, sizes, strict=True))
    wide: Array = np.zeros((*lead, *shape, dy.shape[-1]), dtype=dy.dtype)
    counts = lengths(dy, over)
    starts = (slice(w.reach - 1, w.reach + w.step(n - 1, 0), w.stride) for w, n in zip(over, counts, strict=True))
    wide[(..., *starts, slice(None))] = dy
    return wide


OVERRIDES = {
    function.__name__: function
    for function in (
        convolution, convolution_vjp_x, convolution_vjp_weight, convolution_squared_vjp_x,
        convolution_squared_vjp_weight, patches, patches_vjp, window_sum, window_sum_vjp, lookup, segment_add,
    )
}  # fmt: skip
