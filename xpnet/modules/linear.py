"""The linear module, and the bias alone."""

from typing import ClassVar, final

from xpnet.module import Module
from xpnet.modules.sizes import require_sizes
from xpnet.parameters.initializers import fan_in_normal
from xpnet.parameters.parameter import Parameter
from xpnet.state import State


@final
class Linear(Module):
    """Y = X Wᵀ + b: maps X (..., in_features) to Y (..., out_features).

    W (out_features, in_features) starts with variance 1/in_features, b with zeros; bias=False leaves b out.

    >>> import numpy as np
    >>> x, y = State(np.ones((2, 3), dtype="float32")), State()
    >>> linear = Linear(3, 5)
    >>> linear.fprop(x, y)
    >>> y.x.shape
    (2, 5)
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1,)

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        require_sizes(self, in_features=in_features, out_features=out_features)
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter((out_features, in_features), fan_in_normal(in_features))
        self.bias = Parameter((out_features,)) if bias else None

    def fprop(self, input: State, output: State) -> None:
        """Y = X Wᵀ + b."""
        x, weight = input.x, self.weight.x
        self.require_width(x, self.in_features)
        self.require_same_placement(weight, x, "weight and input.x")
        output.x = self.ops.linear(x, weight, None if self.bias is None else self.bias.x)

    def bprop(self, input: State, output: State) -> None:
        """dX += dY W, dW += dYᵀ X, db += Σ dY."""
        dy = output.cotangent
        self.weight.accumulate(self.ops.linear_vjp_weight(dy, input.x, out=self.weight.room))
        if self.bias is not None:
            self.bias.accumulate(self.ops.linear_vjp_bias(dy, out=self.bias.room))
        if not input.fixed:
            input.accumulate(self.ops.linear_vjp_x(dy, self.weight.x))

    def bbprop(self, input: State, output: State) -> None:
        """The same through the squares of W and X."""
        ddy = output.curvature
        self.weight.accumulate_ddx(self.ops.linear_squared_vjp_weight(ddy, input.x))
        if self.bias is not None:
            self.bias.accumulate_ddx(self.ops.linear_squared_vjp_bias(ddy))
        if not input.fixed:
            input.accumulate_ddx(self.ops.linear_squared_vjp_x(ddy, self.weight.x))

    def describe(self) -> str:
        """in_features, out_features."""
        return f"{self.in_features}, {self.out_features}" + ("" if self.bias else ", bias=False")


@final
class Bias(Module):
    """Y = X + b with b (features,), zeros at first; X is (..., features)."""

    event_ndims: ClassVar[tuple[int | None, ...]] = (1,)

    def __init__(self, features: int) -> None:
        require_sizes(self, features=features)
        self.features = features
        self.bias = Parameter((features,))

    def fprop(self, input: State, output: State) -> None:
        """Y = X + b."""
        self.require_width(input.x, self.features)
        self.require_same_placement(self.bias.x, input.x, "bias and input.x")
        output.x = input.x + self.bias.x

    def bprop(self, input: State, output: State) -> None:
        """dX += dY, db += Σ dY."""
        self.bias.accumulate(self.ops.linear_vjp_bias(output.cotangent, out=self.bias.room))
        input.accumulate(output.cotangent)

    def bbprop(self, input: State, output: State) -> None:
        """ddX += ddY, ddb += Σ ddY."""
        self.bias.accumulate_ddx(self.ops.linear_squared_vjp_bias(output.curvature))
        input.accumulate_ddx(output.curvature)

    def describe(self) -> str:
        """features."""
        return str(self.features)
