"""An affine map and a squashing function as one box."""

from typing import ClassVar, final

from xpnet.errors import RecipeError, nearest
from xpnet.module import Module
from xpnet.modules.sizes import require_sizes
from xpnet.parameters.initializers import fan_in_normal
from xpnet.parameters.parameter import Parameter
from xpnet.state import State

FUNCTIONS = ("tanh", "scaled_tanh", "sigmoid", "relu")


@final
class Affine(Module):
    """Y = f(X Wᵀ + b) for f = tanh, scaled_tanh, sigmoid or relu: a Linear and its squashing function fused.

    The same function, derivatives and first weights as Cascade(Linear(in_features, out_features), Tanh()), say; on a
    GPU what follows the product is one kernel, and the sum X Wᵀ + b is kept nowhere.

    >>> import numpy as np
    >>> x, y = State(np.ones((2, 3), dtype="float32")), State()
    >>> Affine(3, 5, "relu").fprop(x, y)
    >>> y.x.shape, bool((y.x >= 0).all())
    ((2, 5), True)
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1,)

    def __init__(self, in_features: int, out_features: int, function: str = "tanh") -> None:
        require_sizes(self, in_features=in_features, out_features=out_features)
        if function not in FUNCTIONS:
            msg = f"unknown function {function!r} of Affine; {nearest(str(function), FUNCTIONS)}"
            raise RecipeError(msg)
        self.in_features, self.out_features, self.function = in_features, out_features, function
        self.weight = Parameter((out_features, in_features), fan_in_normal(in_features))
        self.bias = Parameter((out_features,))

    def fprop(self, input: State, output: State) -> None:
        """Y = f(X Wᵀ + b)."""
        x, weight = input.x, self.weight.x
        self.require_width(x, self.in_features)
        self.require_same_placement(weight, x, "weight and input.x")
        output.x = getattr(self.ops, f"affine_{self.function}")(x, weight, self.bias.x)

    def bprop(self, input: State, output: State) -> None:
        """dS = dY f', then dX += dS W, dW += dSᵀ X, db += Σ dS."""
        ds = getattr(self.ops, f"{self.function}_vjp")(output.cotangent, output.x)
        self.weight.accumulate(self.ops.linear_vjp_weight(ds, input.x, out=self.weight.room))
        self.bias.accumulate(self.ops.linear_vjp_bias(ds, out=self.bias.room))
        if not input.fixed:
            input.accumulate(self.ops.linear_vjp_x(ds, self.weight.x))

    def bbprop(self, input: State, output: State) -> None:
        """The same through the squares of f', W and X."""
        dds = getattr(self.ops, f"{self.function}_squared_vjp")(output.curvature, output.x)
        self.weight.accumulate_ddx(self.ops.linear_squared_vjp_weight(dds, input.x))
        self.bias.accumulate_ddx(self.ops.linear_squared_vjp_bias(dds))
        if not input.fixed:
            input.accumulate_ddx(self.ops.linear_squared_vjp_x(dds, self.weight.x))

    def describe(self) -> str:
        """in_features, out_features, function."""
        return f"{self.in_features}, {self.out_features}, {self.function!r}"
