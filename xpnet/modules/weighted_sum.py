"""The weighted combination of experts' outputs."""

from typing import ClassVar, final

from xpnet.checks import whole
from xpnet.errors import ShapeError
from xpnet.module import Module
from xpnet.state import State


@final
class WeightedSum(Module):
    """F = Σ_k u_k F_k: weights u (..., K), then K outputs (..., *event) of any number of experts.

    event_ndim: how many event axes each F_k has, 1 for vectors, 0 for energies. Lead axes broadcast.

    >>> import numpy as np
    >>> u, a, b, f = (State(np.asarray(value)) for value in ([0.25, 0.75], [4.0, 0.0], [0.0, 4.0], 0.0))
    >>> WeightedSum().fprop(u, a, b, f)
    >>> f.x.tolist()
    [1.0, 3.0]
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1,)
    variadic: ClassVar[bool] = True

    def __init__(self, event_ndim: int = 1) -> None:
        self.event_ndim = whole(event_ndim, "event_ndim", least=0)

    def fprop(self, *states: State) -> None:
        """F = Σ_k u_k F_k."""
        weights, *experts, output = states
        if not experts or weights.x.shape[-1:] != (len(experts),):
            msg = f"WeightedSum expects one weight for each of its {len(experts)} experts; got {tuple(weights.x.shape)}"
            raise ShapeError(msg)
        for expert in experts:
            self.require_same_placement(weights.x, expert.x, "the weights and an expert's output")
        output.x = self.ops.weighted_sum(weights.x, [expert.x for expert in experts], self.event_ndim)

    def bprop(self, *states: State) -> None:
        """dF_k += u_k dF, du_k += dF · F_k."""
        weights, *experts, output = states
        values, dy = [expert.x for expert in experts], output.cotangent
        for k, expert in enumerate(experts):
            expert.accumulate(self.ops.weighted_part(weights.x, k, dy, self.event_ndim))
        weights.accumulate(self.ops.weighted_sum_vjp_weights(dy, values, self.event_ndim))

    def bbprop(self, *states: State) -> None:
        """ddF_k += u_k² ddF, ddu_k += ddF · F_k²."""
        weights, *experts, output = states
        values, ddy = [expert.x for expert in experts], output.curvature
        squares = weights.x**2
        for k, expert in enumerate(experts):
            expert.accumulate_ddx(self.ops.weighted_part(squares, k, ddy, self.event_ndim))
        weights.accumulate_ddx(self.ops.weighted_sum_squared_vjp_weights(ddy, values, self.event_ndim))

    def describe(self) -> str:
        """event_ndim."""
        return f"event_ndim={self.event_ndim}"


@final
class WeightedRows(Module):
    """F = Σ_k u_k F_k with the experts' outputs as the rows of one array: u (..., K) and rows (..., K, d) to (..., d).

    What WeightedSum is for separate experts, this is for experts evaluated as one batch.
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1, 2)

    def fprop(self, weights: State, rows: State, output: State) -> None:
        """F = Σ_k u_k F_k."""
        if rows.x.shape[-2:-1] != weights.x.shape[-1:]:
            msg = (
                f"WeightedRows expects one weight for each row; got weights {tuple(weights.x.shape)} and rows "
                f"{tuple(rows.x.shape)}"
            )
            raise ShapeError(msg)
        self.require_same_placement(weights.x, rows.x, "weights and rows")
        output.x = self.ops.weighted_rows(weights.x, rows.x)

    def bprop(self, weights: State, rows: State, output: State) -> None:
        """dF_k += u_k dF, du_k += dF · F_k."""
        dy = output.cotangent
        rows.accumulate(weights.x[..., None] * dy[..., None, :])
        weights.accumulate(self.ops.weighted_rows_vjp_weights(dy, rows.x))

    def bbprop(self, weights: State, rows: State, output: State) -> None:
        """ddF_k += u_k² ddF, ddu_k += ddF · F_k²."""
        ddy = output.curvature
        rows.accumulate_ddx((weights.x**2)[..., None] * ddy[..., None, :])
        weights.accumulate_ddx(self.ops.weighted_rows_vjp_weights(ddy, rows.x * rows.x))
