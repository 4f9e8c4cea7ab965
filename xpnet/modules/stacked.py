"""Several modules of one kind evaluated as one, each replica with parameters of its own."""

from collections.abc import Iterator, Sequence
from typing import ClassVar, final

from xpnet._typing import Array
from xpnet.errors import ShapeError
from xpnet.module import Module
from xpnet.modules.linear import Linear
from xpnet.state import State


@final
class ReplicaAxis(Module):
    """Y = X with an axis of size 1 before the vector: (..., n) to (..., 1, n), one wire for all replicas."""

    event_ndims: ClassVar[tuple[int | None, ...]] = (1,)

    def fprop(self, input: State, output: State) -> None:
        """Y = X."""
        output.x = self.xp.expand_dims(input.x, axis=-2)

    def bprop(self, input: State, output: State) -> None:
        """dX += dY."""
        input.accumulate(self.xp.squeeze(output.cotangent, axis=-2))

    def bbprop(self, input: State, output: State) -> None:
        """ddX += ddY."""
        input.accumulate_ddx(self.xp.squeeze(output.curvature, axis=-2))


@final
class StackedLinear(Module):
    """Y_k = X_k W_kᵀ + b_k for K Linear modules at once: X (..., K or 1, in) to Y (..., K, out).

    The parameters stay those of the modules, so names, sharing and updates do not change; each pass stacks them.

    >>> import numpy as np
    >>> x, y = State(np.ones((5, 1, 3), dtype="float32")), State()
    >>> StackedLinear([Linear(3, 2) for _ in range(4)]).fprop(x, y)
    >>> y.x.shape
    (5, 4, 2)
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (2,)

    def __init__(self, modules: Sequence[Linear]) -> None:
        self.modules = tuple(modules)
        first = self.modules[0]
        shape = first.in_features, first.out_features, first.bias is None
        if any((m.in_features, m.out_features, m.bias is None) != shape for m in self.modules):
            msg = f"StackedLinear needs modules of one shape; got {list(self.modules)}"
            raise ShapeError(msg)

    def children(self) -> Iterator[tuple[str, Module]]:
        """The K modules."""
        for k, module in enumerate(self.modules):
            yield str(k), module

    def fprop(self, input: State, output: State) -> None:
        """Y_k = X_k W_kᵀ + b_k."""
        self.require_width(input.x, self.modules[0].in_features)
        self.require_same_placement(self.modules[0].weight.x, input.x, "weight and input.x")
        output.x = self.ops.stacked_linear(input.x, self._weights(), self._biases())

    def bprop(self, input: State, output: State) -> None:
        """dX_k += dY_k W_k, dW_k += dY_kᵀ X_k, db_k += Σ dY_k."""
        dy = output.cotangent
        dweights = self.ops.stacked_linear_vjp_weight(dy, input.x)
        dbiases = self.ops.stacked_linear_vjp_bias(dy)
        for k, module in enumerate(self.modules):
            module.weight.accumulate(dweights[k, ...])
            if module.bias is not None:
                module.bias.accumulate(dbiases[k, ...])
        if not input.fixed:
            input.accumulate(self.ops.stacked_linear_vjp_x(dy, input.x, self._weights()))

    def bbprop(self, input: State, output: State) -> None:
        """The same through the squares of W and X."""
        ddy = output.curvature
        ddweights = self.ops.stacked_linear_squared_vjp_weight(ddy, input.x)
        ddbiases = self.ops.stacked_linear_squared_vjp_bias(ddy)
        for k, module in enumerate(self.modules):
            module.weight.accumulate_ddx(ddweights[k, ...])
            if module.bias is not None:
                module.bias.accumulate_ddx(ddbiases[k, ...])
        if not input.fixed:
            input.accumulate_ddx(self.ops.stacked_linear_squared_vjp_x(ddy, input.x, self._weights()))

    def _weights(self) -> Array:
        return self.xp.stack([module.weight.x for module in self.modules])

    def _biases(self) -> Array | None:
        biases = [module.bias for module in self.modules]
        return self.xp.stack([bias.x for bias in biases if bias is not None]) if biases[0] is not None else None

    def describe(self) -> str:
        """The modules."""
        return f"{len(self.modules)} x {self.modules[0]!r}"
