"""The Kullback-Leibler divergence of two distributions."""

from typing import ClassVar, final

from xpnet._typing import Array
from xpnet.module import Cost
from xpnet.state import State


@final
class KullbackLeibler(Cost):
    """E = Σ_k Q_k log(Q_k / P_k): distributions Q and P (..., K) to their divergence (...).

    Not symmetric: Q is the desired distribution, P the machine's. Q_k = 0 costs nothing (0 log 0 = 0). P_k = 0 where
    Q_k > 0, an impossible answer that is desired, gives E = +∞, which trainers report as NotFiniteError. A component
    with Q_k = 0 or P_k = 0 takes no gradient.

    >>> import numpy as np
    >>> q, p, energy = State(np.asarray([0.0, 0.0, 1.0, 0.0])), State(np.asarray([0.1, 0.1, 0.7, 0.1])), State()
    >>> KullbackLeibler().fprop(q, p, energy)
    >>> round(float(energy.x), 4)
    0.3567
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (1, 1)

    def fprop(self, desired: State, input: State, energy: State) -> None:
        """E = Σ_k Q_k log(Q_k / P_k)."""
        self.require_width(input.x, desired.x.shape[-1])
        self.require_same_placement(desired.x, input.x, "desired.x and input.x")
        energy.x = self.ops.kullback_leibler(desired.x, input.x)

    def bprop(self, desired: State, input: State, energy: State) -> None:
        """dQ_k += dE (log(Q_k / P_k) + 1), dP_k -= dE Q_k / P_k."""
        for state, slope in self._ports(desired, input, self.ops.kullback_leibler_slopes(desired.x, input.x)):
            state.accumulate(energy.cotangent[..., None] * slope)

    def bbprop(self, desired: State, input: State, energy: State) -> None:
        """ddQ_k += dE / Q_k + ddE (log(Q_k / P_k) + 1)², ddP_k += dE Q_k / P_k² + ddE (Q_k / P_k)²."""
        for state, bend in self._ports(desired, input, self.ops.kullback_leibler_curvatures(desired.x, input.x)):
            state.accumulate_ddx(energy.cotangent[..., None] * bend)
        for state, slope in self._ports(desired, input, self.ops.kullback_leibler_slopes(desired.x, input.x)):
            state.accumulate_ddx(energy.curvature[..., None] * slope * slope)

    def _ports(self, desired: State, input: State, factors: tuple[Array, Array]) -> list[tuple[State, Array]]:
        pairs = zip((desired, input), factors, strict=True)
        return [(state, factor) for state, factor in pairs if not state.fixed]
