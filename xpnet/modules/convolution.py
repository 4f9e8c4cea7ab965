"""The convolution module of the lecture: one set of weights at every time step."""

from typing import ClassVar, final

from xpnet._typing import Array
from xpnet.modules.sizes import require_sizes
from xpnet.modules.windowed import Windowed
from xpnet.ops.window import Window
from xpnet.parameters.initializers import fan_in_normal
from xpnet.parameters.parameter import Parameter
from xpnet.state import State


class Convolving(Windowed):
    """Y_p = Σ_j W_j X_(stride·p + dilation·j) + b over any number of axes; subclasses say what W is made of."""

    in_features: int
    weight: Parameter
    bias: Parameter | None

    def kernel(self) -> Array:
        """W (out, *widths, in)."""
        return self.weight.x

    def of_weight(self, dkernel: Array) -> Array:
        """The derivative with respect to the weight, from that with respect to W."""
        return dkernel

    def fprop(self, input: State, output: State) -> None:
        """Y_p = Σ_j W_j X_(stride·p + dilation·j) + b."""
        x = input.x
        self.require_width(x, self.in_features)
        self.lengths(x)
        self.require_same_placement(self.weight.x, x, "weight and input.x")
        output.x = self.ops.convolution(x, self.kernel(), None if self.bias is None else self.bias.x, self.over)

    def bprop(self, input: State, output: State) -> None:
        """dW_j += Σ_p dY_p X_(stride·p + dilation·j)ᵀ, db += Σ dY, dX: dY through the same weights backward."""
        dy = output.cotangent
        self.weight.accumulate(self.of_weight(self.ops.convolution_vjp_weight(dy, input.x, self.over)))
        if self.bias is not None:
            self.bias.accumulate(self.ops.linear_vjp_bias(dy, out=self.bias.room))
        if not input.fixed:
            input.accumulate(self.ops.convolution_vjp_x(dy, self.kernel(), self.over, self.lengths(input.x)))

    def bbprop(self, input: State, output: State) -> None:
        """The same through the squares of W and X."""
        ddy = output.curvature
        self.weight.accumulate_ddx(self.of_weight(self.ops.convolution_squared_vjp_weight(ddy, input.x, self.over)))
        if self.bias is not None:
            self.bias.accumulate_ddx(self.ops.linear_squared_vjp_bias(ddy))
        if not input.fixed:
            sizes = self.lengths(input.x)
            input.accumulate_ddx(self.ops.convolution_squared_vjp_x(ddy, self.kernel(), self.over, sizes))


@final
class Convolution(Convolving):
    """Y_t = Σ_j W_j X_(st+dj) + b over time: sequences X (…, T, in_features) to Y (…, T', out_features).

    A layer of a time-delay network: every step is a replica with the same weights, whose gradients sum. W is
    (out_features, kernel, in_features), place 0 meeting the oldest step of the window (a correlation, as is usual;
    the lecture's Σ W_j X_(t-j) numbers the same weights from the newest). T' = ⌊(T - d(kernel-1) - 1) / s⌋ + 1 with
    stride s and dilation d. W starts with variance 1/(kernel·in_features), b with zeros.

    >>> import numpy as np
    >>> x, y = State(np.ones((2, 9, 3), dtype="float32")), State()
    >>> Convolution(3, 5, kernel=4, stride=2).fprop(x, y)
    >>> y.x.shape
    (2, 3, 5)
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (2,)

    def __init__(
        self, in_features: int, out_features: int, kernel: int, stride: int = 1, dilation: int = 1, bias: bool = True
    ) -> None:
        require_sizes(self, in_features=in_features, out_features=out_features)
        self.in_features, self.out_features = in_features, out_features
        self.over = (Window(kernel, stride, dilation),)
        self.weight = Parameter((out_features, kernel, in_features), fan_in_normal(kernel * in_features))
        self.bias = Parameter((out_features,)) if bias else None

    def describe(self) -> str:
        """in_features, out_features, kernel, and what differs from the defaults."""
        (window,) = self.over
        return (
            f"{self.in_features}, {self.out_features}, kernel={window.width}, stride={window.stride}, "
            f"dilation={window.dilation}" + ("" if self.bias else ", bias=False")
        )
