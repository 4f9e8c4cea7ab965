"""Ready-made G of parameter-space transforms W = G(U): matrices with fewer numbers than entries."""

from typing import ClassVar, final

from xpnet.errors import ShapeError
from xpnet.module import Module
from xpnet.parameters.initializers import Initializer
from xpnet.parameters.parameter import Parameter
from xpnet.state import State


@final
class LowRank(Module):
    """W = A Bᵀ: factors A (..., m, rank) and B (..., n, rank) to a matrix (..., m, n) of at most that rank.

    >>> import numpy as np
    >>> a, b, w = State(np.asarray([[1.0], [2.0]])), State(np.asarray([[3.0], [4.0], [5.0]])), State()
    >>> LowRank(1).fprop(a, b, w)
    >>> w.x.tolist()
    [[3.0, 4.0, 5.0], [6.0, 8.0, 10.0]]
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (2, 2)

    def __init__(self, rank: int) -> None:
        self.rank = rank

    def source(self, target: Parameter) -> tuple[Parameter, ...]:
        """A as W would start, B with entries of variance 1/rank, so that W starts with its usual variance."""
        m, n = _matrix_shape(self, target)
        return Parameter((m, self.rank), target.init), Parameter((n, self.rank), _normal(self.rank**-0.5))

    def fprop(self, left: State, right: State, output: State) -> None:
        """W = A Bᵀ."""
        for factor, port in ((left, "left"), (right, "right")):
            self.require_width(factor.x, self.rank, port)
        self.require_same_placement(left.x, right.x, "left.x and right.x")
        output.x = self.xp.matmul(left.x, self.xp.matrix_transpose(right.x))

    def bprop(self, left: State, right: State, output: State) -> None:
        """dA += dW B, dB += dWᵀ A."""
        left.accumulate(self.xp.matmul(output.cotangent, right.x))
        right.accumulate(self.xp.matmul(self.xp.matrix_transpose(output.cotangent), left.x))

    def bbprop(self, left: State, right: State, output: State) -> None:
        """ddA += ddW (B∘B), ddB += ddWᵀ (A∘A)."""
        left.accumulate_ddx(self.xp.matmul(output.curvature, right.x * right.x))
        right.accumulate_ddx(self.xp.matmul(self.xp.matrix_transpose(output.curvature), left.x * left.x))

    def describe(self) -> str:
        """The rank."""
        return str(self.rank)


@final
class Circulant(Module):
    """W_ij = u_(i-j mod n): a vector (..., n) to the matrix (..., n, n) of circular convolution with it.

    >>> import numpy as np
    >>> u, w = State(np.asarray([1.0, 2.0, 3.0])), State()
    >>> Circulant().fprop(u, w)
    >>> w.x.tolist()
    [[1.0, 3.0, 2.0], [2.0, 1.0, 3.0], [3.0, 2.0, 1.0]]
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1,)

    def source(self, target: Parameter) -> tuple[Parameter, ...]:
        """One column of W."""
        m, n = _matrix_shape(self, target)
        if m != n:
            msg = f"Circulant makes square matrices; the parameter has shape {target.shape}"
            raise ShapeError(msg)
        return (Parameter((n,), target.init),)

    def fprop(self, input: State, output: State) -> None:
        """W_ij = u_(i-j mod n)."""
        output.x = self.ops.circulant(input.x)

    def bprop(self, input: State, output: State) -> None:
        """du_k += Σ of dW over the n places of u_k."""
        input.accumulate(self.ops.circulant_vjp(output.cotangent))

    def bbprop(self, input: State, output: State) -> None:
        """The same for ddW: a 0/1 Jacobian is its own square."""
        input.accumulate_ddx(self.ops.circulant_vjp(output.curvature))


@final
class Transpose(Module):
    """Y = Xᵀ over the last two axes.

    A parameter that is another one's transpose is `store.tie(a, b, transform="transpose")`: the same map, without a
    copy of the value and with gradients summed in one slot. As W = G(U), U is a parameter of its own.
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (2,)

    def source(self, target: Parameter) -> tuple[Parameter, ...]:
        """Wᵀ."""
        m, n = _matrix_shape(self, target)
        return (Parameter((n, m), target.init),)

    def fprop(self, input: State, output: State) -> None:
        """Y = Xᵀ."""
        output.x = self.xp.matrix_transpose(input.x)

    def bprop(self, input: State, output: State) -> None:
        """dX += dYᵀ."""
        input.accumulate(self.xp.matrix_transpose(output.cotangent))

    def bbprop(self, input: State, output: State) -> None:
        """ddX += ddYᵀ."""
        input.accumulate_ddx(self.xp.matrix_transpose(output.curvature))


def _matrix_shape(transform: Module, target: Parameter) -> tuple[int, int]:
    if len(target.shape) != 2:
        msg = f"{type(transform).__name__} gives a matrix; the parameter has shape {target.shape}"
        raise ShapeError(msg)
    return target.shape[0], target.shape[1]


def _normal(deviation: float) -> Initializer:
    return lambda generator, shape: generator.normal(0.0, deviation, size=shape)
