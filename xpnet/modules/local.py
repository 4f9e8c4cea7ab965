"""Local connections: every place has weights of its own."""

from math import prod
from typing import final

from xpnet._typing import Array, Shape
from xpnet.errors import ShapeError
from xpnet.module import Module
from xpnet.modules.sizes import require_sizes
from xpnet.parameters.initializers import fan_in_normal
from xpnet.parameters.parameter import Parameter
from xpnet.state import State


@final
class LocalLinear(Module):
    """Y_p = W_p X_p + b_p at each place p: X (…, *places, in_features) to Y (…, *places, out_features).

    A convolution before its weights are shared. W (*places, out, in) starts with variance 1/in_features.

    >>> import numpy as np
    >>> x, y = State(np.ones((8, 8, 9), dtype="float32")), State()
    >>> LocalLinear((8, 8), 9, 1).fprop(x, y)
    >>> y.x.shape
    (8, 8, 1)
    """

    def __init__(self, places: Shape, in_features: int, out_features: int, bias: bool = True) -> None:
        require_sizes(self, in_features=in_features, out_features=out_features)
        self.places, self.in_features, self.out_features = tuple(places), in_features, out_features
        self.weight = Parameter((*self.places, out_features, in_features), fan_in_normal(in_features))
        self.bias = Parameter((*self.places, out_features)) if bias else None

    @property
    def event_ndims(self) -> tuple[int | None, ...]:  # type: ignore[override]
        """The axes of places, and the features."""
        return (len(self.places) + 1,)

    def fprop(self, input: State, output: State) -> None:
        """Y_p = W_p X_p + b_p."""
        x, event = input.x, (*self.places, self.in_features)
        if tuple(x.shape[-len(event) :]) != event:
            msg = f"{self!r} expects input.x with event shape {event}; got shape {tuple(x.shape)}"
            raise ShapeError(msg)
        self.require_same_placement(self.weight.x, x, "weight and input.x")
        output.x = self.ops.local_linear(x, self.weight.x, None if self.bias is None else self.bias.x)

    def bprop(self, input: State, output: State) -> None:
        """dX_p += W_pᵀ dY_p, dW_p += Σ dY_p X_pᵀ, db_p += Σ dY_p over the lead axes."""
        dy = output.cotangent
        self.weight.accumulate(self.ops.local_linear_vjp_weight(dy, input.x, len(self.places)))
        if self.bias is not None:
            self.bias.accumulate(self._bias_sum(dy))
        if not input.fixed:
            input.accumulate(self.ops.local_linear_vjp_x(dy, self.weight.x))

    def bbprop(self, input: State, output: State) -> None:
        """The same through the squares of W and X."""
        ddy = output.curvature
        self.weight.accumulate_ddx(self.ops.local_linear_squared_vjp_weight(ddy, input.x, len(self.places)))
        if self.bias is not None:
            self.bias.accumulate_ddx(self._bias_sum(ddy))
        if not input.fixed:
            input.accumulate_ddx(self.ops.local_linear_squared_vjp_x(ddy, self.weight.x))

    def _bias_sum(self, dy: Array) -> Array:
        event = (*self.places, self.out_features)
        flat = self.xp.reshape(dy, (*dy.shape[: dy.ndim - len(event)], prod(event)))
        return self.xp.reshape(self.ops.linear_vjp_bias(flat), event)

    def describe(self) -> str:
        """places, in_features, out_features."""
        return f"{self.places}, {self.in_features}, {self.out_features}" + ("" if self.bias else ", bias=False")
