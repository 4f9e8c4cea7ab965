"""The layer of distances to trainable centres."""

from typing import ClassVar, final

from xpnet._typing import Array
from xpnet.module import Cost
from xpnet.modules.sizes import require_sizes
from xpnet.parameters.initializers import fan_in_normal
from xpnet.parameters.parameter import Parameter
from xpnet.state import State


@final
class Distance(Cost):
    """Y_i = ½ ‖X - W_i‖²: vectors X (..., in_features) to the energies of n_centres prototypes (..., n_centres).

    The same ½ and the same curvature as in Euclidean: the layer is that cost against every row of W at once, with
    trainable rows. A batch takes one matrix product of centred vectors. W (n_centres, in_features) starts as N(0, 1).

    >>> import numpy as np
    >>> layer, x, y = Distance(2, 3), State(np.asarray([3.0, 4.0], dtype="float32")), State()
    >>> layer.centres.x = np.asarray([[3, 4], [0, 0], [3, 0]], dtype="float32")
    >>> layer.fprop(x, y)
    >>> y.x.tolist()
    [0.0, 12.5, 8.0]
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1,)

    def __init__(self, in_features: int, n_centres: int) -> None:
        require_sizes(self, in_features=in_features, n_centres=n_centres)
        self.in_features, self.n_centres = in_features, n_centres
        self.centres = Parameter((n_centres, in_features), fan_in_normal(1))

    def fprop(self, input: State, output: State) -> None:
        """Y_i = ½ ‖X - W_i‖²."""
        self.require_width(input.x, self.in_features)
        self.require_same_placement(self.centres.x, input.x, "centres and input.x")
        output.x = self.ops.euclidean(self._against_centres(input.x), self.centres.x)

    def bprop(self, input: State, output: State) -> None:
        """dX += Σ_i dY_i (X - W_i), dW_i -= Σ dY_i (X - W_i)."""
        x, centres, dy = self._against_centres(input.x), self.centres.x, output.cotangent
        self.centres.accumulate(self.ops.euclidean_vjp(dy, centres, x))
        if not input.fixed:
            input.accumulate(self.xp.squeeze(self.ops.euclidean_vjp(dy, x, centres), axis=-2))

    def bbprop(self, input: State, output: State) -> None:
        """ddX += Σ_i dY_i + ddY_i (X - W_i)², ddW_i += Σ dY_i + ddY_i (X - W_i)²: a cost's own curvature is 1."""
        x, centres, dy, ddy = self._against_centres(input.x), self.centres.x, output.cotangent, output.curvature
        self.centres.accumulate_ddx(self.ops.euclidean_curvature(dy, centres))
        self.centres.accumulate_ddx(self.ops.euclidean_squared_vjp(ddy, centres, x))
        if not input.fixed:
            input.accumulate_ddx(self.xp.squeeze(self.ops.euclidean_curvature(dy, x), axis=-2))
            input.accumulate_ddx(self.xp.squeeze(self.ops.euclidean_squared_vjp(ddy, x, centres), axis=-2))

    def _against_centres(self, x: Array) -> Array:
        return self.xp.expand_dims(x, axis=-2)

    def describe(self) -> str:
        """in_features, n_centres."""
        return f"{self.in_features}, {self.n_centres}"
