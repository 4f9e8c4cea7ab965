"""matmul, tensordot and vecdot of the standard, on top of products of matrices."""

from collections.abc import Callable, Sequence
from math import prod
from typing import TypeAlias, final

import cupy
import numpy as np

from xpnet._typing import Array
from xpnet.errors import PlacementError

Multiply: TypeAlias = Callable[[Array, Array], Array]


@final
class Products:
    """The products of one backend: CuPy's own, or float32 ones through `reduced`, which takes two matrices or stacks.

    CuPy multiplies (…, m, k) with a matrix (k, n) as many small products by lists of pointers; here that is one product
    of (… m, k), as its rows are independent.
    """

    def __init__(self, index: int, reduced: Multiply | None = None) -> None:
        self._index, self._reduced = index, reduced

    def matmul(self, x1: Array, x2: Array, /, *, out: Array | None = None) -> Array:
        """The matrix product over the last two axes; the axes before them broadcast.

        out: room for a product of two matrices in full precision; elsewhere it is passed over.
        """
        self._require_here(x1, x2)
        if out is not None and x1.ndim == x2.ndim == 2 and not self._reduces(x1, x2):
            return cupy.matmul(x1, x2, out=out)
        if x1.ndim > 2 and x2.ndim == 2 and x1.shape[-1] == x2.shape[0]:
            rows = cupy.reshape(x1, (prod(x1.shape[:-1]), x1.shape[-1]))
            return cupy.reshape(self._two(rows, x2), (*x1.shape[:-1], x2.shape[-1]))
        return self._two(x1, x2)

    def tensordot(self, x1: Array, x2: Array, /, *, axes: int | tuple[Sequence[int], Sequence[int]] = 2) -> Array:
        """Sums of products over the paired axes."""
        self._require_here(x1, x2)
        if not self._reduces(x1, x2) or axes == 0:
            return cupy.tensordot(x1, x2, axes=axes)
        first, second = _paired(x1.ndim, x2.ndim, axes)
        kept1 = [axis for axis in range(x1.ndim) if axis not in first]
        kept2 = [axis for axis in range(x2.ndim) if axis not in second]
        left, right = cupy.transpose(x1, (*kept1, *first)), cupy.transpose(x2, (*second, *kept2))
        outer1, outer2 = left.shape[: len(kept1)], right.shape[len(second) :]
        rows = cupy.reshape(left, (prod(outer1), prod(left.shape[len(kept1) :])))
        columns = cupy.reshape(right, (prod(right.shape[: len(second)]), prod(outer2)))
        return cupy.reshape(self._two(rows, columns), (*outer1, *outer2))

    def vecdot(self, x1: Array, x2: Array, /, *, axis: int = -1) -> Array:
        """Σ x1* x2 along an axis, in full precision: it waits for memory and not for multiplying."""
        if x1.shape[axis] != x2.shape[axis]:
            msg = f"vecdot: axis {axis} of {tuple(x1.shape)} and of {tuple(x2.shape)} must be of one length"
            raise ValueError(msg)
        terms = (cupy.conj(x1) if x1.dtype.kind == "c" else x1) * x2
        return cupy.sum(terms, axis=axis, dtype=terms.dtype)

    def _two(self, a: Array, b: Array) -> Array:
        return self._lower(a, b) if self._reduces(a, b) else cupy.matmul(a, b)

    def _reduces(self, a: Array, b: Array) -> bool:
        return self._reduced is not None and a.dtype == b.dtype == np.float32 and 0 not in (a.ndim, b.ndim)

    def _lower(self, a: Array, b: Array) -> Array:
        assert self._reduced is not None  # noqa: S101 (narrows the type; `_reduces` has asked)
        left = a[None, :] if a.ndim == 1 else a
        right = b[:, None] if b.ndim == 1 else b
        if left.ndim == right.ndim == 2:
            y = self._reduced(left, right)
        else:
            lead = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
            y = self._reduced(_stacked(left, lead), _stacked(right, lead))
            y = cupy.reshape(y, (*lead, *y.shape[-2:]))
        y = y[..., 0] if b.ndim == 1 else y
        return (y[0] if b.ndim == 1 else y[..., 0, :]) if a.ndim == 1 else y

    def _require_here(self, *arrays: Array) -> None:
        # Kernels warn of other devices' memory; cuBLAS would read what stands at the same address here.
        for x in arrays:
            if isinstance(x, cupy.ndarray) and x.data.device_id != self._index:
                msg = (
                    f"a product on cuda:{self._index} was given an array on cuda:{x.data.device_id}; bring it in with "
                    "backend.asarray(...)"
                )
                raise PlacementError(msg)


def _stacked(x: Array, lead: tuple[int, ...]) -> Array:
    """x as one stack of prod(lead) matrices, or the one matrix that serves for all of them."""
    if prod(x.shape[:-2]) == 1 and prod(lead) != 0:
        return cupy.reshape(x, (1, *x.shape[-2:]))
    whole = x if x.shape[:-2] == lead else cupy.broadcast_to(x, (*lead, *x.shape[-2:]))
    return cupy.reshape(whole, (prod(lead), *x.shape[-2:]))


def _paired(ndim1: int, ndim2: int, axes: int | tuple[Sequence[int], Sequence[int]]) -> tuple[list[int], list[int]]:
    if isinstance(axes, int):
        return list(range(ndim1 - axes, ndim1)), list(range(axes))
    return [axis % ndim1 for axis in axes[0]], [axis % ndim2 for axis in axes[1]]
