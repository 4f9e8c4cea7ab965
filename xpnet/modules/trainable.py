"""A parameter as a wire."""

from typing import ClassVar, final

from xpnet._typing import Shape
from xpnet.module import Module
from xpnet.parameters.initializers import Initializer
from xpnet.parameters.parameter import Parameter
from xpnet.parameters.sparse import SparseParameter
from xpnet.state import State


@final
class Trainable(Module):
    """Y = W: a parameter of any shape as the output of a box without inputs.

    For what other modules take as a wire, such as the transitions of a trellis or the label set of a cost.

    sparse: True for a SparseParameter, for those who give it gradients of some rows; bprop gives a whole one.

    >>> y = State()
    >>> Trainable((2, 3)).fprop(y)
    >>> y.x.shape
    (2, 3)
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = ()

    def __init__(self, shape: Shape, init: Initializer | None = None, sparse: bool = False) -> None:
        self.value: Parameter = (SparseParameter if sparse else Parameter)(shape, init)

    def fprop(self, output: State) -> None:
        """Y = W."""
        output.x = self.value.x

    def bprop(self, output: State) -> None:
        """dW += dY."""
        self.value.accumulate(output.cotangent)

    def bbprop(self, output: State) -> None:
        """ddW += ddY."""
        self.value.accumulate_ddx(output.curvature)

    def describe(self) -> str:
        """shape, and sparse if it is."""
        sparse = ", sparse=True" if isinstance(self.value, SparseParameter) else ""
        return f"{self.value.shape}{sparse}"
