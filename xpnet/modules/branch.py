"""Branch copies a wire, Plus adds wires: each is the other's pullback."""

from typing import ClassVar, final

from xpnet.checks import whole
from xpnet.errors import ShapeError
from xpnet.module import Module
from xpnet.state import State


@final
class Plus(Module):
    """Y = Σ_k X_k for any number of inputs of any shape; shapes broadcast."""

    variadic: ClassVar[bool] = True

    def fprop(self, *states: State) -> None:
        """Y = Σ_k X_k."""
        *inputs, output = states
        if not inputs:
            msg = "Plus expects at least one input and one output; got one state in all"
            raise ShapeError(msg)
        total = inputs[0].x
        for input in inputs[1:]:
            self.require_same_placement(inputs[0].x, input.x, "the inputs")
            total = total + input.x
        output.x = total

    def bprop(self, *states: State) -> None:
        """dX_k += dY."""
        *inputs, output = states
        for input in inputs:
            input.accumulate(output.cotangent)

    def bbprop(self, *states: State) -> None:
        """ddX_k += ddY."""
        *inputs, output = states
        for input in inputs:
            input.accumulate_ddx(output.curvature)


@final
class Branch(Module):
    """X_k = X for each of n_outputs outputs; an output that nobody used contributes no gradient."""

    def __init__(self, n_outputs: int = 2) -> None:
        self.n_outputs = whole(n_outputs, "n_outputs, of a Branch,", least=0)

    def fprop(self, input: State, *outputs: State) -> None:
        """X_k = X."""
        if len(outputs) != self.n_outputs:
            msg = f"Branch({self.n_outputs}) expects {self.n_outputs} outputs; got {len(outputs)}"
            raise ShapeError(msg)
        for output in outputs:
            output.x = input.x

    def bprop(self, input: State, *outputs: State) -> None:
        """dX += Σ_k dX_k."""
        for output in outputs:
            if output.dx is not None:
                input.accumulate(output.dx)

    def bbprop(self, input: State, *outputs: State) -> None:
        """ddX += Σ_k ddX_k: each output's Jacobian is the identity."""
        for output in outputs:
            if output.ddx is not None:
                input.accumulate_ddx(output.ddx)

    def describe(self) -> str:
        """n_outputs."""
        return str(self.n_outputs)
