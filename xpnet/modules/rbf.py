"""The radial basis function network of the lecture."""

import math
from typing import ClassVar, final

from xpnet._typing import Array
from xpnet.module import Module
from xpnet.modules.sizes import require_sizes
from xpnet.parameters.initializers import constant, fan_in_normal
from xpnet.parameters.parameter import Parameter
from xpnet.state import State


@final
class Rbf(Module):
    """F = Σ_i u_i exp(-k_i ‖X - W_i‖²): linearly combined Gaussian bumps, (..., in_features) to (..., out_features).

    centres W (n_centres, in_features), weight u (out_features, n_centres) and widths k are all trainable. k stays
    positive by a parameter-space transform: k = log(1 + exp(raw_widths)). The larger k, the narrower the bump. At first
    W is N(0, 1), k is 1/(2 in_features) and u is N(0, 1/n_centres); `xpnet.kmeans.place_centres` starts from data.

    >>> import numpy as np
    >>> rbf, x, y = Rbf(3, 10, out_features=2), State(np.ones((5, 3), dtype="float32")), State()
    >>> rbf.fprop(x, y)
    >>> y.x.shape, rbf.widths.shape
    ((5, 2), (10,))
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1,)

    def __init__(self, in_features: int, n_centres: int, out_features: int = 1) -> None:
        require_sizes(self, in_features=in_features, n_centres=n_centres, out_features=out_features)
        self.in_features, self.n_centres, self.out_features = in_features, n_centres, out_features
        self.centres = Parameter((n_centres, in_features), fan_in_normal(1))
        self.raw_widths = Parameter((n_centres,), constant(raw_width(0.5 / max(in_features, 1))))
        self.weight = Parameter((out_features, n_centres), fan_in_normal(n_centres))

    @property
    def widths(self) -> Array:
        """k (n_centres,), all positive."""
        return self.ops.softplus(self.raw_widths.x)

    def place_widths(self, widths: Array) -> None:
        """Set k (n_centres,), all positive."""
        self.raw_widths.x = widths + self.xp.log(-self.xp.expm1(-widths))

    def fprop(self, input: State, output: State) -> None:
        """F = Σ_i u_i exp(-k_i ‖X - W_i‖²)."""
        self.require_width(input.x, self.in_features)
        self.require_same_placement(self.centres.x, input.x, "centres and input.x")
        kept = self._bumps(input)
        output.x = self.ops.linear(kept[1], self.weight.x)
        output.inner = kept  # like a machine's inner wires: the output keeps what the way back would compute again

    def bprop(self, input: State, output: State) -> None:
        """Through u, the bumps φ, then k and the distances to W and X."""
        dy = output.cotangent
        half, phi, widths = self._kept(input, output)
        self.weight.accumulate(self.ops.linear_vjp_weight(dy, phi, out=self.weight.room))
        dphi = self.ops.linear_vjp_x(dy, self.weight.x)
        by_half, by_width = self.ops.bumps_slopes(half, phi, widths)
        self.raw_widths.accumulate(self.ops.softplus_vjp(self._sum(dphi * by_width), widths))
        dhalf, x = dphi * by_half, self._against_centres(input.x)
        self.centres.accumulate(self.ops.euclidean_vjp(dhalf, self.centres.x, x))
        if not input.fixed:
            input.accumulate(self.xp.squeeze(self.ops.euclidean_vjp(dhalf, x, self.centres.x), axis=-2))

    def bbprop(self, input: State, output: State) -> None:
        """Through the squares of the Jacobian of all of F: exact, not layer by layer."""
        ddy = output.curvature
        half, phi, widths = self._kept(input, output)
        by_half, by_width = self.ops.bumps_slopes(half, phi, widths)
        self.weight.accumulate_ddx(self.ops.linear_squared_vjp_weight(ddy, phi))
        ddphi = self.ops.linear_squared_vjp_x(ddy, self.weight.x)
        self.raw_widths.accumulate_ddx(self.ops.softplus_squared_vjp(self._sum(ddphi * by_width**2), widths))
        x = self._against_centres(input.x)
        self.centres.accumulate_ddx(self.ops.euclidean_squared_vjp(ddphi * by_half**2, self.centres.x, x))
        if not input.fixed:
            ddx = self.ops.rbf_squared_vjp_x(ddy, input.x, self.centres.x, by_half, self.weight.x)
            input.accumulate_ddx(ddx)

    def _bumps(self, input: State) -> tuple[Array, Array, Array]:
        """Half squared distances and bumps (..., n_centres), and the widths."""
        half = self.ops.euclidean(self._against_centres(input.x), self.centres.x)
        widths = self.widths
        return half, self.ops.bumps(half, widths), widths

    def _kept(self, input: State, output: State) -> tuple[Array, Array, Array]:
        return output.inner if isinstance(output.inner, tuple) else self._bumps(input)

    def _against_centres(self, x: Array) -> Array:
        return self.xp.expand_dims(x, axis=-2)

    def _sum(self, x: Array) -> Array:
        return self.ops.linear_vjp_bias(x)

    def describe(self) -> str:
        """in_features, n_centres, out_features."""
        return f"{self.in_features}, {self.n_centres}, out_features={self.out_features}"


def raw_width(width: float) -> float:
    """The number whose softplus is this width.

    >>> round(math.log1p(math.exp(raw_width(0.25))), 12)
    0.25
    """
    return width + math.log(-math.expm1(-width))
