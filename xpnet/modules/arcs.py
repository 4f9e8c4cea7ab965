"""The arcs of a trellis: each state with each of its successors."""

from typing import ClassVar, Literal, TypeAlias, final

from xpnet.errors import ShapeError
from xpnet.module import Module
from xpnet.state import State

Along: TypeAlias = Literal["sum", "product"]


@final
class Arcs(Module):
    """Y_ji = X_i + W_ij (energies) or X_i W_ij (probabilities): each state with each successor.

    X (..., K) and transitions W (..., K, L) give the arcs into each successor (..., L, K), which a plus module such as
    Logsum, Min or Sum reduces over its last axis: together they are a linear map of a semiring.

    >>> import numpy as np
    >>> x, w, y = State(np.asarray([1.0, 2.0])), State(np.asarray([[0.0, 5.0], [3.0, 0.0]])), State()
    >>> Arcs().fprop(x, w, y)
    >>> y.x.tolist()
    [[1.0, 5.0], [6.0, 2.0]]
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1, 2)

    def __init__(self, along: Along = "sum") -> None:
        if along not in ("sum", "product"):
            msg = f"along an arc energies are added, 'sum', or probabilities multiplied, 'product'; got {along!r}"
            raise ShapeError(msg)
        self.along = along

    def fprop(self, input: State, transitions: State, output: State) -> None:
        """Y_ji = X_i + W_ij or X_i W_ij."""
        x, weight = input.x, transitions.x
        if weight.ndim < 2 or x.shape[-1:] != weight.shape[-2:-1]:
            msg = f"Arcs expects transitions.x (..., K, L) from the K states of input.x; got {weight.shape}, {x.shape}"
            raise ShapeError(msg)
        self.require_same_placement(x, weight, "input.x and transitions.x")
        output.x = self.ops.arcs_sum(x, weight) if self.along == "sum" else self.ops.arcs_product(x, weight)

    def bprop(self, input: State, transitions: State, output: State) -> None:
        """dX_i += Σ_j dY_ji and dW_ij += dY_ji, each times the other factor in a product."""
        dy = output.cotangent
        if self.along == "sum":
            input.accumulate(self.ops.arcs_sum_vjp_x(dy))
            transitions.accumulate(self.ops.arcs_sum_vjp_weight(dy))
        else:
            input.accumulate(self.ops.arcs_product_vjp_x(dy, transitions.x))
            transitions.accumulate(self.ops.arcs_product_vjp_weight(dy, input.x))

    def bbprop(self, input: State, transitions: State, output: State) -> None:
        """The same with the other factor squared."""
        ddy = output.curvature
        if self.along == "sum":
            input.accumulate_ddx(self.ops.arcs_sum_vjp_x(ddy))
            transitions.accumulate_ddx(self.ops.arcs_sum_vjp_weight(ddy))
        else:
            input.accumulate_ddx(self.ops.arcs_product_vjp_x(ddy, transitions.x**2))
            transitions.accumulate_ddx(self.ops.arcs_product_vjp_weight(ddy, input.x**2))

    def describe(self) -> str:
        """along."""
        return f"{self.along!r}"
