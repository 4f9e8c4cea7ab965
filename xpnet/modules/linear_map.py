"""Ready-made G of parameter-space transforms W = G(U): constant matrices and masks, weight sharing among them."""

from abc import abstractmethod
from math import prod
from typing import ClassVar, Self, final

from array_api_compat import array_namespace

from xpnet._typing import Array, HostArray, Shape
from xpnet.backend import Backend
from xpnet.errors import ShapeError
from xpnet.module import Module
from xpnet.parameters.parameter import Parameter
from xpnet.state import State


class Constant(Module):
    """What transforms with a constant matrix share: the constant, brought to the backend once."""

    def __init__(self, values: HostArray) -> None:
        self.values = values
        self._placed: Array | None = None

    @property
    def constant(self) -> Array:
        """The constant on this module's backend."""
        if self._placed is None:
            self._placed = self.backend.asarray(self.values)
        return self._placed

    def bind(self, backend: Backend) -> Self:
        """Place the constant anew."""
        self._placed = None
        return super().bind(backend)

    @abstractmethod
    def source(self, target: Parameter) -> tuple[Parameter, ...]:
        """U for this W."""


@final
class LinearMap(Constant):
    """W = M U for a constant matrix M (n_w, n_u), W then in the given shape: U (..., n_u) to (..., *shape).

    With one 1 in each row of M it is weight sharing: w_i = u_k wherever M_ik = 1, and dU sums the gradients of all
    places of u_k. Any other M makes W's entries move together as its columns say.

    >>> import numpy as np
    >>> u, w = State(np.asarray([5.0, 7.0])), State()
    >>> shared = sharing(np.asarray([[0, 1], [1, 0]]))
    >>> shared.fprop(u, w)
    >>> w.x.tolist()
    [[5.0, 7.0], [7.0, 5.0]]
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1,)

    def __init__(self, matrix: HostArray, shape: Shape) -> None:
        super().__init__(matrix)
        self.shape = tuple(shape)
        if matrix.ndim != 2 or matrix.shape[0] != prod(self.shape):
            msg = f"W of shape {self.shape} has {prod(self.shape)} entries; the matrix has shape {matrix.shape}"
            raise ShapeError(msg)

    def source(self, target: Parameter) -> tuple[Parameter, ...]:
        """The n_u numbers behind W."""
        if target.shape != self.shape:
            msg = f"LinearMap gives W of shape {self.shape}; the parameter has shape {target.shape}"
            raise ShapeError(msg)
        return (Parameter((self.values.shape[1],), target.init),)

    def fprop(self, input: State, output: State) -> None:
        """W = M U."""
        self.require_width(input.x, self.values.shape[1])
        flat = self.ops.linear(input.x, self.constant)
        output.x = self.xp.reshape(flat, (*flat.shape[:-1], *self.shape))

    def bprop(self, input: State, output: State) -> None:
        """dU += Mᵀ dW."""
        input.accumulate(self.ops.linear_vjp_x(self._flat(output.cotangent), self.constant))

    def bbprop(self, input: State, output: State) -> None:
        """ddU += (M∘M)ᵀ ddW."""
        input.accumulate_ddx(self.ops.linear_squared_vjp_x(self._flat(output.curvature), self.constant))

    def _flat(self, dw: Array) -> Array:
        return self.xp.reshape(dw, (*dw.shape[: dw.ndim - len(self.shape)], self.values.shape[0]))


@final
class Masked(Constant):
    """W = M ∘ U for a constant 0/1 mask M: pruned entries are 0, take no gradient, and no update brings them back.

    >>> import numpy as np
    >>> u, w = State(np.asarray([5.0, 7.0])), State()
    >>> Masked(np.asarray([0.0, 1.0])).fprop(u, w)
    >>> w.x.tolist()
    [0.0, 7.0]
    """

    def source(self, target: Parameter) -> tuple[Parameter, ...]:
        """W itself, before the mask."""
        return (Parameter(target.shape, target.init),)

    def fprop(self, input: State, output: State) -> None:
        """W = M ∘ U."""
        output.x = self.constant * input.x

    def bprop(self, input: State, output: State) -> None:
        """dU += M ∘ dW."""
        input.accumulate(self.constant * output.cotangent)

    def bbprop(self, input: State, output: State) -> None:
        """ddU += M² ∘ ddW."""
        input.accumulate_ddx(self.constant**2 * output.curvature)


def sharing(index: HostArray) -> LinearMap:
    """Weight sharing as a 0/1 matrix: entry i of W is u_k with k = index[i]; index is a host array of W's shape."""
    count = int(index.max(initial=-1)) + 1
    return LinearMap(array_namespace(index).eye(count)[index.ravel()], tuple(index.shape))
