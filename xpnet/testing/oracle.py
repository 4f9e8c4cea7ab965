"""What a module's derivatives must be, from its fprop alone: central differences on NumPy in float64."""

from collections.abc import Callable, Sequence

import numpy as np

from xpnet._typing import HostArray

STEP = 1e-6  # first differences: rounding 1e-16/1e-6 balances truncation 1e-12
CURVATURE_STEP = 1e-3  # second differences: rounding 1e-16/1e-6, truncation (1e-3)^4

Function = Callable[[Sequence[HostArray]], list[HostArray]]


def pull_back(function: Function, point: Sequence[HostArray], cotangents: Sequence[HostArray]) -> list[HostArray]:
    """Σ_out c_out ∂out/∂a for every argument a, by central differences."""
    return _for_each_number(function, point, lambda up, down, _: _dot(cotangents, _slopes(up, down)), STEP)


def pull_back_squared(function: Function, point: Sequence[HostArray], ddx: Sequence[HostArray]) -> list[HostArray]:
    """Σ_out ddx_out (∂out/∂a)² for every argument a: diag(Jᵀ diag(ddx) J)."""
    return _for_each_number(function, point, lambda up, down, _: _dot(ddx, [s * s for s in _slopes(up, down)]), STEP)


def curvature(function: Function, point: Sequence[HostArray], cotangents: Sequence[HostArray]) -> list[HostArray]:
    """Σ_out c_out ∂²out/∂a² for every argument a: a cost's own second derivative.

    Two step sizes, extrapolated (Richardson): a logarithm near 0 is no parabola even over such a step.
    """

    def bends(step: float) -> list[HostArray]:
        def bend(up: list[HostArray], down: list[HostArray], middle: list[HostArray]) -> float:
            seconds = [(u - 2 * m + d) / step**2 for u, m, d in zip(up, middle, down, strict=True)]
            return _dot(cotangents, seconds)

        return _for_each_number(function, point, bend, step)

    coarse, fine = bends(CURVATURE_STEP), bends(CURVATURE_STEP / 2)
    return [(4 * near - far) / 3 for near, far in zip(fine, coarse, strict=True)]


def discrete(value: HostArray) -> bool:
    """Whether these are integers: labels, of which no derivative exists."""
    return bool(value.dtype.kind == "i")


def no_derivative(value: HostArray) -> HostArray:
    """What stands for the derivative of a discrete argument: nothing, shape (0,)."""
    return value.reshape(-1)[:0] * 0.0


def _for_each_number(
    function: Function,
    point: Sequence[HostArray],
    measure: Callable[[list[HostArray], list[HostArray], list[HostArray]], float],
    step: float,
) -> list[HostArray]:
    middle = function(point)
    results = []
    for position, argument in enumerate(point):
        if discrete(argument):
            results.append(no_derivative(argument))
            continue
        result = np.zeros(argument.shape)
        for index in _indices(argument.shape):
            moved = [array.copy() for array in point]
            moved[position][index] = argument[index] + step
            up = function(moved)
            moved[position][index] = argument[index] - step
            result[index] = measure(up, function(moved), middle)
        results.append(result)
    return results


def _slopes(up: list[HostArray], down: list[HostArray]) -> list[HostArray]:
    return [(u - d) / (2 * STEP) for u, d in zip(up, down, strict=True)]


def _dot(weights: Sequence[HostArray], values: Sequence[HostArray]) -> float:
    return sum(float((w * v).sum()) for w, v in zip(weights, values, strict=True))


def _indices(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    indices: list[tuple[int, ...]] = [()]
    for size in shape:
        indices = [(*head, k) for head in indices for k in range(size)]
    return indices
