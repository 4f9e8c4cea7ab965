"""Losses without a margin: the energy itself, and the perceptron's."""

import math
from typing import final

from xpnet._typing import Array
from xpnet.losses.loss import Loss


@final
class EnergyLoss(Loss):
    """L = E(Y): pulls the desired energy down and pushes nothing up; right where pushing up is built into the machine.

    Margin: none.
    """

    margin = None
    rivals_suffice = True

    def values(self, energies: Array) -> Array:
        """E_y."""
        return energies

    def slopes(self, energies: Array, weights: Array) -> Array:
        """w_k."""
        return weights

    def bends(self, energies: Array, weights: Array) -> Array:
        """0."""
        return self.xp.zeros_like(energies * weights)


@final
class PerceptronLoss(Loss):
    """L = E(Y) - min_k E_k: nothing to learn once the desired answer has the lowest energy.

    Margin: 0. Equal energies satisfy it, so a machine that can make all energies equal may collapse to that.
    """

    margin = 0.0
    rivals_suffice = True

    def values(self, energies: Array) -> Array:
        """E_y - min_k E_k."""
        xp = self.xp
        lowest = self.ops.lowest(energies)[..., None]
        bottomless = xp.where(energies == lowest, 0.0, xp.full_like(energies, math.inf))  # where the lowest is -∞
        return xp.where(lowest == -math.inf, bottomless, energies - xp.where(xp.isinf(lowest), 0.0, lowest))

    def slopes(self, energies: Array, weights: Array) -> Array:
        """w_k, less Σ w for the first lowest energy."""
        return weights - self.ops.lowest_vjp(self.xp.sum(weights, axis=-1), energies)

    def bends(self, energies: Array, weights: Array) -> Array:
        """0: piecewise linear."""
        return self.xp.zeros_like(energies * weights)
