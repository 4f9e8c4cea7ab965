"""The linear module on several inputs, without joining them first."""

from math import prod
from typing import ClassVar, final

from xpnet._typing import Array
from xpnet.errors import ShapeError
from xpnet.module import Module
from xpnet.modules.linear import Linear
from xpnet.state import State


@final
class SplitLinear(Module):
    """Y = Σ_k X_k W_kᵀ + b with W = (W_1 | … | W_n): what `linear` makes of (X_1 | … | X_n), as a sum of products.

    The same function and parameters as Concatenate and then `linear`, but each X_k keeps its own lead axes up to the
    sum: what does not depend on the label is multiplied once a sample, not once for every label.

    >>> import numpy as np
    >>> sample, label, y = State(np.ones((256, 1, 100), "float32")), State(np.ones((10, 16), "float32")), State()
    >>> SplitLinear(Linear(116, 50)).fprop(sample, label, y)  # products of 256 and of 10 rows in place of 2560
    >>> y.x.shape
    (256, 10, 50)
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1,)
    variadic: ClassVar[bool] = True

    def __init__(self, linear: Linear) -> None:
        self.linear = linear

    def fprop(self, *states: State) -> None:
        """Y = Σ_k X_k W_kᵀ + b."""
        *inputs, output = states
        widths = self._widths(inputs)
        weight, bias = self.linear.weight.x, self.linear.bias
        for input in inputs:
            self.require_same_placement(weight, input.x, "weight and the inputs")
        parts = [self.ops.linear(input.x, w) for input, w in zip(inputs, self._columns(weight, widths), strict=True)]
        output.x = self.ops.replicated_sum(parts if bias is None else [*parts, bias.x])

    def bprop(self, *states: State) -> None:
        """dX_k += dY W_k and dW_k += dYᵀ X_k, dY summed over the replicas of X_k before the products; db += Σ dY."""
        *inputs, output = states
        weight, bias = self.linear.weight, self.linear.bias
        parts = [self._at(input, output.cotangent) for input in inputs]
        columns = [self.ops.linear_vjp_weight(dy, input.x) for dy, input in zip(parts, inputs, strict=True)]
        weight.accumulate(self.xp.concat(columns, axis=-1))
        if bias is not None:
            bias.accumulate(self.ops.linear_vjp_bias(_smallest(parts), out=bias.room))
        for dy, input, w in zip(parts, inputs, self._columns(weight.x, self._widths(inputs)), strict=True):
            if not input.fixed:
                input.accumulate(self.ops.linear_vjp_x(dy, w))

    def bbprop(self, *states: State) -> None:
        """The same through the squares of W and X."""
        *inputs, output = states
        weight, bias = self.linear.weight, self.linear.bias
        parts = [self._at(input, output.curvature) for input in inputs]
        columns = [self.ops.linear_squared_vjp_weight(ddy, input.x) for ddy, input in zip(parts, inputs, strict=True)]
        weight.accumulate_ddx(self.xp.concat(columns, axis=-1))
        if bias is not None:
            bias.accumulate_ddx(self.ops.linear_squared_vjp_bias(_smallest(parts)))
        for ddy, input, w in zip(parts, inputs, self._columns(weight.x, self._widths(inputs)), strict=True):
            if not input.fixed:
                input.accumulate_ddx(self.ops.linear_squared_vjp_x(ddy, w))

    def _widths(self, inputs: list[State]) -> list[int]:
        widths = [input.x.shape[-1] for input in inputs]
        if sum(widths) != self.linear.in_features:
            msg = f"SplitLinear expects inputs of {self.linear.in_features} components in all; got {widths}"
            raise ShapeError(msg)
        return widths

    def _columns(self, weight: Array, widths: list[int]) -> list[Array]:
        starts = [sum(widths[:k]) for k in range(len(widths))]
        return [weight[:, start : start + width] for start, width in zip(starts, widths, strict=True)]

    def _at(self, input: State, dy: Array) -> Array:
        """dY summed over the axes along which this input was replicated."""
        return self.ops.replica_sum(dy, (*input.x.shape[:-1], dy.shape[-1]))

    def describe(self) -> str:
        """The linear module."""
        return repr(self.linear)


def _smallest(parts: list[Array]) -> Array:
    """What is quickest to sum up: all of them have the same sum."""
    return min(parts, key=lambda part: prod(part.shape))
