"""What softmax and logsum share: an inverse temperature, fixed or trainable."""

import math
from typing import ClassVar

from xpnet._typing import Array
from xpnet.checks import real
from xpnet.errors import ShapeError
from xpnet.module import Module
from xpnet.parameters.initializers import constant
from xpnet.parameters.parameter import Parameter


class Gibbs(Module):
    """A module over energies (..., K) with β, an inverse temperature: a float, or a Parameter of shape ().

    A fixed β may be ±inf, the hard limit. A trainable one starts at `beta` and must be finite.
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1,)

    def __init__(self, beta: float, trainable: bool, zero_allowed: bool) -> None:
        beta = checked_beta(beta, zero_allowed=zero_allowed, infinity_allowed=not trainable)
        self.beta: Parameter | float = Parameter((), constant(beta)) if trainable else beta
        self._start = beta

    def beta_beside(self, x: Array) -> Array | float:
        """β's value, which must live where the energies x do."""
        if isinstance(self.beta, float):
            return self.beta
        self.require_same_placement(self.beta.x, x, "beta and input.x")
        return self.beta.x

    def describe(self) -> str:
        """beta, and whether it is trainable."""
        return f"beta={self.beta}" if isinstance(self.beta, float) else f"beta={self._start}, trainable=True"


def checked_beta(beta: float, *, zero_allowed: bool = False, infinity_allowed: bool = False) -> float:
    """β as a Python float; zero and infinity only where their limits are defined."""
    beta = real(beta, "beta")
    problems = {
        "NaN": math.isnan(beta),
        "0": beta == 0 and not zero_allowed,
        "infinite": math.isinf(beta) and not infinity_allowed,
    }
    for problem in filter(problems.get, problems):
        msg = f"beta must not be {problem} here; got {beta}. For a limit of logsum take beta=inf, or mean=True for 0"
        raise ShapeError(msg)
    return beta
