"""Subsampling as in LeNet, and plain averages and maxima, over windows of images or sequences."""

from typing import final

from xpnet._typing import Array
from xpnet.modules.windowed import Windowed, pair, windows
from xpnet.parameters.initializers import constant
from xpnet.parameters.parameter import Parameter
from xpnet.state import State


class Pooling(Windowed):
    """One number for each window and feature.

    size: (height, width) of the window, or one number for both, over images (…, H, W, C); (width,) over sequences
    (…, T, F). stride: how far windows lie apart, by default their size, so that they tile the input; steps behind the
    last whole window are not seen.
    """

    def __init__(self, size: int | tuple[int, ...] = 2, stride: int | tuple[int, ...] | None = None) -> None:
        width = pair(size)
        self.over = windows(width, width if stride is None else pair(stride))
        self.area = 1
        for number in width:
            self.area *= number

    def describe(self) -> str:
        """size, and stride where windows do not tile."""
        size, stride = tuple(w.width for w in self.over), tuple(w.stride for w in self.over)
        return f"{size}" if size == stride else f"{size}, stride={stride}"


@final
class AveragePooling(Pooling):
    """Y_p = the mean of X over window p, feature by feature.

    >>> import numpy as np
    >>> x, y = State(np.asarray([[1.0], [3.0], [5.0], [7.0], [9.0]])), State()
    >>> AveragePooling((2,)).fprop(x, y)
    >>> y.x.tolist()
    [[2.0], [6.0]]
    """

    def fprop(self, input: State, output: State) -> None:
        """Y_p = Σ X / area."""
        self.lengths(input.x)
        output.x = self.ops.window_sum(input.x, self.over) * (1.0 / self.area)

    def bprop(self, input: State, output: State) -> None:
        """dX += dY / area for every window that holds it."""
        if not input.fixed:
            input.accumulate(self._back(output.cotangent * (1.0 / self.area), input.x))

    def bbprop(self, input: State, output: State) -> None:
        """ddX += ddY / area²."""
        if not input.fixed:
            input.accumulate_ddx(self._back(output.curvature * (1.0 / self.area**2), input.x))

    def _back(self, dy: Array, x: Array) -> Array:
        return self.ops.window_sum_vjp(dy, self.over, self.lengths(x))


@final
class MaxPooling(Pooling):
    """Y_p = max of X over window p, feature by feature; of equal ones the first takes the gradient.

    >>> import numpy as np
    >>> x, y = State(np.asarray([[1.0], [3.0], [5.0], [4.0]])), State()
    >>> MaxPooling((2,)).fprop(x, y)
    >>> y.x.tolist()
    [[3.0], [5.0]]
    """

    def fprop(self, input: State, output: State) -> None:
        """Y_p = max X."""
        self.lengths(input.x)
        output.x = self.ops.window_max(input.x, self.over)

    def bprop(self, input: State, output: State) -> None:
        """dX += dY where the maximum stands."""
        if not input.fixed:
            input.accumulate(self._back(output.cotangent, input.x, output.x))

    def bbprop(self, input: State, output: State) -> None:
        """ddX += ddY where the maximum stands."""
        if not input.fixed:
            input.accumulate_ddx(self._back(output.curvature, input.x, output.x))

    def _back(self, dy: Array, x: Array, y: Array) -> Array:
        return self.ops.window_max_vjp(dy, x, y, self.over, self.lengths(x))


@final
class Subsampling(Pooling):
    """Y_p = a Σ X over window p + b, with one trainable coefficient a and bias b for each map (LeCun et al. 1998).

    The coefficients start with 1/area, so that the layer starts as an average; a squasher usually follows.

    >>> import numpy as np
    >>> x, y = State(np.ones((28, 28, 6), dtype="float32")), State()
    >>> layer = Subsampling(6)
    >>> layer.fprop(x, y)
    >>> y.x.shape, layer.coefficient.x.size + layer.bias.x.size
    ((14, 14, 6), 12)
    """

    def __init__(
        self, features: int, size: int | tuple[int, ...] = 2, stride: int | tuple[int, ...] | None = None
    ) -> None:
        super().__init__(size, stride)
        self.features = features
        self.coefficient = Parameter((features,), constant(1.0 / self.area))
        self.bias = Parameter((features,))

    def fprop(self, input: State, output: State) -> None:
        """Y_p = a Σ X + b."""
        self.require_width(input.x, self.features)
        self.lengths(input.x)
        self.require_same_placement(self.bias.x, input.x, "bias and input.x")
        output.x = self.coefficient.x * self.ops.window_sum(input.x, self.over) + self.bias.x

    def bprop(self, input: State, output: State) -> None:
        """da += Σ_p dY_p Σ X, db += Σ dY, dX += a dY for every window that holds it."""
        dy = output.cotangent
        sums = self.ops.window_sum(input.x, self.over)
        self.coefficient.accumulate(self.ops.linear_vjp_bias(dy * sums))
        self.bias.accumulate(self.ops.linear_vjp_bias(dy, out=self.bias.room))
        if not input.fixed:
            sizes = self.lengths(input.x)
            input.accumulate(self.ops.window_sum_vjp(dy * self.coefficient.x, self.over, sizes))

    def bbprop(self, input: State, output: State) -> None:
        """The same through (Σ X)², 1 and a²."""
        ddy, a = output.curvature, self.coefficient.x
        sums = self.ops.window_sum(input.x, self.over)
        self.coefficient.accumulate_ddx(self.ops.linear_squared_vjp_bias(ddy * sums * sums))
        self.bias.accumulate_ddx(self.ops.linear_squared_vjp_bias(ddy))
        if not input.fixed:
            sizes = self.lengths(input.x)
            input.accumulate_ddx(self.ops.window_sum_vjp(ddy * a * a, self.over, sizes))

    def describe(self) -> str:
        """features, size, and stride where windows do not tile."""
        return f"{self.features}, {super().describe()}"
