"""The cross-entropy of a desired distribution, from energies."""

from typing import ClassVar, final

from xpnet.module import Cost
from xpnet.modules.gibbs import checked_beta
from xpnet.state import State


@final
class CrossEntropy(Cost):
    """E = -1/β Σ_k D_k log P_k with P = softmax(-β X): energies X (..., K), desired D (..., K), to energies (...).

    D may be soft; for a single desired answer it is the negative log-likelihood. Computed from the energies, so that
    nothing underflows: this is softmax, log and sum fused on purpose. 0 log 0 = 0; an answer that is desired but has
    X_k = +∞ gives +∞. It exceeds the Kullback-Leibler divergence by the entropy of D, over β.

    >>> import numpy as np
    >>> x, d, energy = State(-np.log([0.1, 0.1, 0.7, 0.1])), State(np.asarray([0.0, 0.0, 1.0, 0.0])), State()
    >>> CrossEntropy().fprop(x, d, energy)
    >>> round(float(energy.x), 4)
    0.3567
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1, 1)

    def __init__(self, beta: float = 1.0) -> None:
        self.beta = checked_beta(beta)

    def fprop(self, input: State, desired: State, energy: State) -> None:
        """E = -1/β Σ_k D_k log P_k."""
        self.require_width(desired.x, input.x.shape[-1], "desired")
        self.require_same_placement(input.x, desired.x, "input.x and desired.x")
        energy.x = self.ops.cross_entropy(input.x, desired.x, self.beta)

    def bprop(self, input: State, desired: State, energy: State) -> None:
        """dX_k += dE (D_k - P_k Σ_j D_j); dD_k += -dE/β log P_k."""
        x, d, de = input.x, desired.x, energy.cotangent
        if not input.fixed:
            input.accumulate(self.ops.cross_entropy_vjp_x(de, x, d, self.beta))
        if not desired.fixed:
            desired.accumulate(self.ops.cross_entropy_vjp_d(de, x, self.beta))

    def bbprop(self, input: State, desired: State, energy: State) -> None:
        """ddX_k += dE β P_k (1 - P_k) Σ_j D_j + ddE (D_k - P_k Σ_j D_j)²; in D the cost is linear."""
        x, d, dde = input.x, desired.x, energy.curvature
        if not input.fixed:
            input.accumulate_ddx(self.ops.cross_entropy_curvature_x(energy.cotangent, x, d, self.beta))
            input.accumulate_ddx(self.ops.cross_entropy_squared_vjp_x(dde, x, d, self.beta))
        if not desired.fixed:
            desired.accumulate_ddx(self.ops.cross_entropy_squared_vjp_d(dde, x, self.beta))

    def describe(self) -> str:
        """beta."""
        return f"beta={self.beta}"
