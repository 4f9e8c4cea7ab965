"""Ready-made G of parameter-space transforms W = G(U): constraints on the values of a parameter.

They are modules like others and may stand anywhere. Placed before a parameter by machines.Reparameterized, a transform
says by `source` what its U looks like for a given W; without `source`, U has W's shape and start.
"""

from typing import ClassVar, final

from array_api_compat import array_namespace

from xpnet._typing import Generator, HostArray, Shape
from xpnet.module import Module
from xpnet.modules.pointwise import Pointwise
from xpnet.parameters.initializers import Initializer
from xpnet.parameters.parameter import Parameter
from xpnet.state import State


@final
class Softplus(Pointwise):
    """Y = log(1 + exp(X)): positivity. As W = G(U), W starts at the absolute values of its usual start.

    >>> import numpy as np
    >>> x, y = State(np.asarray([-1e4, 0.0, 1e4])), State()
    >>> Softplus().fprop(x, y)
    >>> y.x.round(6).tolist()
    [0.0, 0.693147, 10000.0]
    """

    noun = "softplus"

    def source(self, target: Parameter) -> tuple[Parameter, ...]:
        """U of W's shape, with softplus(U) = |W| at first."""
        return (Parameter(target.shape, _softplus_preimage(target.init)),)


@final
class UnitRows(Module):
    """Y = X / ‖X‖: each row (the last axis) has length 1; a row of zeros stays zero and takes no gradient.

    >>> import numpy as np
    >>> x, y = State(np.asarray([[3.0, 4.0], [0.0, 0.0]])), State()
    >>> UnitRows().fprop(x, y)
    >>> y.x.tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1,)

    def fprop(self, input: State, output: State) -> None:
        """Y = X / ‖X‖."""
        output.x = self.ops.unit_rows(input.x)

    def bprop(self, input: State, output: State) -> None:
        """dX += (dY - Y (Y · dY)) / ‖X‖."""
        input.accumulate(self.ops.unit_rows_vjp(output.cotangent, input.x, output.x))

    def bbprop(self, input: State, output: State) -> None:
        """ddX_j += Σ_i ((δ_ij - Y_i Y_j) / ‖X‖)² ddY_i."""
        input.accumulate_ddx(self.ops.unit_rows_squared_vjp(output.curvature, input.x, output.x))


def _softplus_preimage(init: Initializer, smallest: float = 1e-6) -> Initializer:
    def draw(generator: Generator, shape: Shape) -> HostArray:
        wanted = abs(init(generator, shape)) + smallest
        return wanted + array_namespace(wanted).log(-array_namespace(wanted).expm1(-wanted))

    return draw
