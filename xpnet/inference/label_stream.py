"""A label set of any size, tile by tile: the lowest energies, the free energy, and its gradient by recomputation."""

import math
from typing import final

from xpnet._typing import Array
from xpnet.inference.energy_function import EnergyFunction, Replicas
from xpnet.inference.labels import Labels
from xpnet.state import State


@final
class LabelStream:
    """The energies of a placed sample with K labels, never more than `size` labels at a time.

    Where the cost is a product of output and code (`Cost.metric`) and all samples share the label set, the primitives
    of ops/label_tiles.py run; otherwise the part of the machine that depends on the label runs for each tile, forward
    twice and backward once for a gradient. Memory is O(batch × size) either way.
    """

    def __init__(self, function: EnergyFunction, labels: Labels, size: int) -> None:
        self.function, self.labels, self.size = function, labels, size
        self.ops, self.xp = labels.backend.ops, labels.backend.xp
        self._slope: Array = None  # dF/dh of a product, found with F
        self._current: Replicas | None = None

    @property
    def as_product(self) -> bool:
        """Whether energies come from one product of the machine's output and the codes."""
        per_sample = self.labels.present is not None and self.labels.present.ndim > 1
        return self.function.metric is not None and self.labels.shared and not per_sample

    def lowest(self, count: int) -> tuple[Array, Array]:
        """The `count` lowest energies (..., count) in ascending order, and their labels."""
        if not self.as_product:
            return self.ops.streamed_lowest(self._tile, self.labels.count, count, self.size)  # type: ignore[no-any-return]
        found = self.ops.search_labels(*self._product, count, self.size)
        energies, labels = (self.xp.reshape(each, (*self._lead, count)) for each in found)
        return energies, labels

    def free_energy(self, beta: float) -> Array:
        """F = -1/β log Σ_k exp(-β E_k) (...)."""
        if not self.as_product:
            return self.ops.streamed_logsum(self._tile, self.labels.count, beta, self.size)
        f, self._slope = self.ops.label_logsum(*self._product, beta, self.size)
        return self.xp.reshape(f, self._lead)

    def pull_free_energy(self, df: Array, f: Array, beta: float) -> None:
        """The bprop of free_energy: dF P_k for every energy, into the sample's part, parameters and codes."""
        if not self.as_product:
            self._pulled: list[Array] = []
            self.ops.streamed_logsum_vjp(df, f, self._tile, self._pull, self.labels.count, beta, self.size)
            if self._pulled and self.labels.owner is not None:
                self.labels.owner.value.accumulate(self.xp.concat(self._pulled, axis=0))
            return
        mout, flat = self.function.mout, self.xp.reshape(df, (-1,))
        mout.accumulate(self.xp.reshape(flat[:, None] * self._slope, tuple(mout.x.shape)))
        if self.labels.owner is not None:
            value = self.labels.owner.value
            each = self.xp.reshape(f, (-1,))
            dcodes = self.ops.label_logsum_vjp_codes(flat, each, *self._product, beta, self.size, out=value.room)
            value.accumulate(dcodes)

    @property
    def _product(self) -> tuple[Array, Array, str | None, Array | None]:
        """h (B, d), codes (K, d), the metric, and what is added to the energies of absent labels."""
        x, codes = self.function.mout.x, self.labels.span(0, self.labels.count).x
        bias = None
        if self.labels.present is not None:
            zero, forbidden = (self._constant(codes, value) for value in (0.0, math.inf))
            bias = self.xp.where(self.labels.present, zero, forbidden)
        return self.xp.reshape(x, (-1, x.shape[-1])), codes, self.function.metric, bias

    @property
    def _lead(self) -> tuple[int, ...]:
        """The batch axes: those of the machine's output but for the label axis of size 1."""
        x = self.function.mout.x
        return tuple(x.shape[: max(x.ndim - 2, 0)])

    def _tile(self, start: int, stop: int) -> Array:
        self._current = self.function.evaluate(self.labels.span(start, stop), State())
        energies, present = self._current.energy.x, self.labels.present_in(start, stop)
        return energies if present is None else self.xp.where(present, energies, self._constant(energies, math.inf))

    def _pull(self, start: int, stop: int, gradient: Array) -> None:
        replicas, present = self._current, self.labels.present_in(start, stop)
        if replicas is None:
            return
        # An absent label's energy may be anything, but its probability is 0 and so is the gradient.
        dx = gradient if present is None else self.xp.where(present, gradient, self._constant(gradient, 0.0))
        replicas.energy.accumulate(dx)
        self.function.pull(replicas)
        if self.labels.owner is not None:
            self._pulled.append(self.labels.unwired(replicas.label.cotangent))

    def _constant(self, x: Array, value: float) -> Array:
        return self.xp.full((), value, dtype=x.dtype, device=self.labels.backend.device)
