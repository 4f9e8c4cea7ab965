"""What a loss is: a number for the energies of a whole label set, given which answer is desired."""

import math
from abc import abstractmethod
from typing import ClassVar

from xpnet._typing import Array
from xpnet.errors import ShapeError
from xpnet.module import Cost
from xpnet.state import State


class Loss(Cost):
    """A cost `fprop(energies, label, loss)`: energies (..., K) and the desired answer to losses (...).

    label: integers (...), or a desired distribution D (..., K), whose loss is Σ_y D_y L(y). An integer outside
    0 … K-1 gives NaN; a desired answer of energy +∞ (a forbidden one) gives +∞ and no gradient, whatever the loss.
    margin: how far the loss pushes the most offending incorrect answer above the correct one: None not at all, 0.0 just
    above, m so far, inf ever further (> 0 in Table 1 of LeCun et al. 2006, "A Tutorial on Energy-Based Learning").
    rivals_suffice: whether only the desired answer's energy and the lowest of the others count, so that large label
    sets need not be held.

    A subclass says what L(y) is for every y at once, and pulls weights w back through Σ_y w_y L(y).
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1, None)
    margin: float | None = math.inf
    rivals_suffice: ClassVar[bool] = False

    @abstractmethod
    def values(self, energies: Array) -> Array:
        """L(y) for every y: (..., K)."""

    @abstractmethod
    def slopes(self, energies: Array, weights: Array) -> Array:
        """∂/∂E_k of Σ_y w_y L(y): (..., K)."""

    @abstractmethod
    def bends(self, energies: Array, weights: Array) -> Array:
        """∂²/∂E_k² of Σ_y w_y L(y): (..., K)."""

    def fprop(self, energies: State, label: State, loss: State) -> None:
        """L = L(y), or Σ_y D_y L(y)."""
        values = self._values(energies.x)
        if self._hard(energies.x, label.x):
            loss.x = self.ops.select(values, label.x)
        else:
            loss.x = self.xp.sum(label.x * self.xp.where(label.x == 0, 0.0, values), axis=-1)

    def bprop(self, energies: State, label: State, loss: State) -> None:
        """dE_k += dL ∂L/∂E_k, dD_y += dL L(y)."""
        if not energies.fixed:
            slopes = self.slopes(energies.x, self._weights(energies.x, label.x))
            energies.accumulate(loss.cotangent[..., None] * slopes)
        if not label.fixed and not self._hard(energies.x, label.x):
            label.accumulate(loss.cotangent[..., None] * self._values(energies.x))

    def bbprop(self, energies: State, label: State, loss: State) -> None:
        """ddE_k += ddL (∂L/∂E_k)² + dL ∂²L/∂E_k², ddD_y += ddL L(y)²."""
        if not energies.fixed:
            weights = self._weights(energies.x, label.x)
            energies.accumulate_ddx(loss.curvature[..., None] * self.slopes(energies.x, weights) ** 2)
            energies.accumulate_ddx(loss.cotangent[..., None] * self.bends(energies.x, weights))
        if not label.fixed and not self._hard(energies.x, label.x):
            label.accumulate_ddx(loss.curvature[..., None] * self._values(energies.x) ** 2)

    def _values(self, energies: Array) -> Array:
        values = self.values(energies)
        return self.xp.where(energies == math.inf, math.inf, values)

    def _weights(self, energies: Array, label: Array) -> Array:
        weights = label
        if self._hard(energies, label):
            weights = self.xp.astype(self.ops.one_hot(label, energies.shape[-1]), energies.dtype)
        return self.xp.where(energies == math.inf, 0.0, weights)

    def _hard(self, energies: Array, label: Array) -> bool:
        """Whether the label is integers; ShapeError for a distribution of another length."""
        if self.xp.isdtype(label.dtype, "integral"):
            return True
        if label.shape[-1:] != energies.shape[-1:]:
            msg = (
                f"{type(self).__name__} expects integers, or a distribution over the {energies.shape[-1]} answers; "
                f"got {label.dtype} of shape {tuple(label.shape)}"
            )
            raise ShapeError(msg)
        return False
