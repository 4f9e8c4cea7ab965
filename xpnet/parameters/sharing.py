"""A parameter that is another one, seen through a transform."""

from copy import deepcopy
from typing import Self, final

from xpnet._typing import Array
from xpnet.backend import Backend
from xpnet.errors import ParameterError, nearest
from xpnet.parameters.parameter import Parameter

TRANSFORMS = ("transpose",)


@final
class Tied(Parameter):
    """W = Uᵀ with U in another module: reading transposes U, gradients are transposed back into U.

    One slot, one update. A tie without a transform needs no class: the module then holds U itself.
    """

    __slots__ = ("target", "transform")

    def __init__(self, target: Parameter, transform: str = "transpose") -> None:
        if transform not in TRANSFORMS:
            msg = f"unknown transform {transform!r} of a tie; {nearest(transform, TRANSFORMS)}"
            raise ParameterError(msg)
        super().__init__(target.shape[::-1])
        self.target, self.transform = target, transform

    @property
    def x(self) -> Array:
        """The target's value, transposed."""
        return self.target.x.T

    @x.setter
    def x(self, value: Array) -> None:
        self.target.x = value.T

    @property
    def backend(self) -> Backend:
        """The target's."""
        return self.target.backend

    @property
    def room(self) -> None:
        """No place of its own."""
        return

    def accumulate(self, dx: Array) -> None:
        """Accumulate into the target."""
        self.target.accumulate(dx.T)

    def accumulate_ddx(self, ddx: Array) -> None:
        """Accumulate into the target: a transpose has a 0/1 Jacobian, its square is itself."""
        self.target.accumulate_ddx(ddx.T)

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return type(self)(deepcopy(self.target, memo), self.transform)
