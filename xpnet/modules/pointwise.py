"""Sigmoids and rectifiers: one function applied to each component."""

from typing import ClassVar, final

from xpnet.module import Module
from xpnet.state import State


class Pointwise(Module):
    """Y = f(X) component by component, where f and its pullbacks are the primitives named `noun`, `noun`_vjp, …"""

    noun: ClassVar[str]

    def fprop(self, input: State, output: State) -> None:
        """Y = f(X)."""
        output.x = getattr(self.ops, self.noun)(input.x)

    def bprop(self, input: State, output: State) -> None:
        """dX += f'(X) dY, from the output alone."""
        input.accumulate(getattr(self.ops, f"{self.noun}_vjp")(output.cotangent, output.x))

    def bbprop(self, input: State, output: State) -> None:
        """ddX += f'(X)² ddY."""
        input.accumulate_ddx(getattr(self.ops, f"{self.noun}_squared_vjp")(output.curvature, output.x))


@final
class Tanh(Pointwise):
    """Y = tanh(X).

    >>> import numpy as np
    >>> x, y = State(np.asarray([0.0, 100.0], dtype="float32")), State()
    >>> Tanh().fprop(x, y)
    >>> y.x.tolist()
    [0.0, 1.0]
    """

    noun = "tanh"


@final
class ScaledTanh(Pointwise):
    """Y = 1.7159 tanh(2X/3): passes through (1, 1) and (-1, -1) ("Efficient BackProp", LeCun et al. 1998)."""

    noun = "scaled_tanh"


@final
class Sigmoid(Pointwise):
    """Y = 1 / (1 + exp(-X))."""

    noun = "sigmoid"


@final
class Relu(Pointwise):
    """Y = max(X, 0); the derivative at the kink is 0."""

    noun = "relu"
