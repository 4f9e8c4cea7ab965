"""Losses of the gap between the correct answer's energy E_C and the most offending incorrect one's E_I."""

import math
from typing import final

from xpnet._typing import Array, Namespace
from xpnet.checks import real
from xpnet.errors import ShapeError
from xpnet.losses.pair import GapLoss


@final
class HingeLoss(GapLoss):
    """L = max(0, m + E_C - E_I): nothing to learn once the gap reaches the margin m.

    Margin: m.
    """

    margin: float

    def __init__(self, margin: float = 1.0) -> None:
        self.margin = positive(margin, "margin")

    def gap(self, gap: Array) -> tuple[Array, Array, Array]:
        """max(0, m + g), its step, and 0."""
        xp = self.xp
        active = ~(gap <= -self.margin)  # NaN is, so that it is seen
        return xp.where(active, gap + self.margin, 0.0), xp.astype(active, gap.dtype), xp.zeros_like(gap)

    def describe(self) -> str:
        """margin."""
        return f"margin={self.margin}"


@final
class SoftHingeLoss(GapLoss):
    """L = log(1 + exp(E_C - E_I)), a hinge with a soft corner; the tutorial calls it the log loss.

    Not to be confused with the module LogLoss, the logarithm of a probability. Margin: ever further, ever more gently.
    """

    def gap(self, gap: Array) -> tuple[Array, Array, Array]:
        """log(1 + e^g) without overflow, the sigmoid of g, and its slope."""
        xp = self.xp
        p = sigmoid(xp, gap)
        softplus = xp.where(gap > 0, gap, 0.0) + xp.log1p(xp.exp(-xp.abs(gap)))
        return softplus, p, p * (1.0 - p)


@final
class MceLoss(GapLoss):
    """L = 1 / (1 + exp(E_I - E_C)): a soft count of errors (minimum classification error, Juang et al. 1997).

    Bounded, so a few hopeless samples do not dominate. Margin: ever further, ever more gently.
    """

    def gap(self, gap: Array) -> tuple[Array, Array, Array]:
        """The sigmoid of g and its derivatives."""
        p = sigmoid(self.xp, gap)
        slope = p * (1.0 - p)
        return p, slope, slope * (1.0 - 2.0 * p)


def sigmoid(xp: Namespace, x: Array) -> Array:
    """1 / (1 + e^-x), also at ±∞."""
    return 0.5 + 0.5 * xp.tanh(0.5 * x)


def positive(value: float, name: str) -> float:
    """The value as a Python float; ShapeError unless it is finite and above 0."""
    value = real(value, name)
    if not (math.isfinite(value) and value > 0):
        msg = f"{name} must be finite and positive; got {value}"
        raise ShapeError(msg)
    return value
