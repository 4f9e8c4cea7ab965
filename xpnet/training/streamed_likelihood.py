"""A likelihood loss over a label set that is never held: E(Y) and the free energy, and their gradients tile by tile."""

import math
from typing import final

from xpnet._typing import Array
from xpnet.errors import LabelError
from xpnet.inference.all_energies import AllEnergies
from xpnet.inference.label_stream import LabelStream
from xpnet.inference.labels import Labels
from xpnet.losses.likelihood import GibbsLoss
from xpnet.modules.concatenate import Concatenate
from xpnet.state import State


@final
class StreamedLikelihood:
    """The loss of a placed sample whose labels pass in tiles; the same numbers as from all energies at once.

    The desired answer is one of the labels, by number; or `beside`, a code for each sample that the set does not hold;
    or junk. The sum over all answers is one over few: the labels' free energy F, and what stands beside them.
    """

    def __init__(self, loss: GibbsLoss, everything: AllEnergies, stream: LabelStream) -> None:
        if not loss.beta > 0:
            msg = f"over a streamed label set β must be positive; got {loss!r}. Raise the trainer's memory instead"
            raise LabelError(msg)
        self.loss, self.stream, self.labels = loss, stream, stream.labels
        self.function, self.junk = everything.function, everything.junk
        self.xp, self.ops = stream.xp, stream.ops
        self._join = Concatenate().bind(self.labels.backend)

    def fprop(self, answer: Array, beside: Array | None = None) -> Array:
        """The loss of each sample, () or (B,); answer: numbers of labels, or their count for junk or beside."""
        xp = self.xp
        self._answer, self._is_beside = answer, beside is not None
        self._free = State(self.stream.free_energy(self.loss.beta)[..., None])
        self._desired = self._narrowed(answer) if beside is None else None
        wire = self._beside(beside) if self._desired is None else self._desired.span(0, 1)
        self._replicas = self.function.evaluate(wire, State())
        self._energies = self._beside_each_other()
        energy, total = self._desired_energy(), self.ops.logsum(self._energies.x, self.loss.beta)
        self._possible = energy != math.inf  # NaN is, so that it is seen
        gap = xp.where(self._possible, energy, 0.0) - xp.where(self._possible, total, 0.0)
        gap = xp.where(gap < 0, 0.0, gap)  # both were rounded apart; no answer is more probable than certain
        values, self._slopes = self.loss.of_gap(gap)
        return xp.where(self._possible, values, math.inf)

    def bprop(self, dloss: Array) -> None:
        """From the gradient of each sample's loss into the sample's part, parameters, junk and codes."""
        xp, one = self.xp, self._replicas.energy
        gap = xp.where(self._possible, dloss * self._slopes, 0.0)
        self._energies.accumulate(self.ops.logsum_vjp(-gap, self._energies.x, self.loss.beta))
        of_label = gap if self._is_beside else xp.where(self._answer < self.labels.count, gap, 0.0)
        if self.junk is not None:
            of_others = xp.zeros_like(self._energies.x[..., :-1])
            self._energies.accumulate(xp.concat([of_others, (gap - of_label)[..., None]], axis=-1))
            self.junk.bprop(self._joined, self._energies)
        if self._is_beside:
            self._join.bprop(self._free, one, self._joined)
        one.accumulate(of_label[..., None])
        self.function.pull(self._replicas)
        if self._desired is not None:
            self._desired.collect(self._replicas.label)
        self.stream.pull_free_energy(self._free.cotangent[..., 0], self._free.x[..., 0], self.loss.beta)
        self.function.finish()

    def _narrowed(self, answer: Array) -> Labels:
        ids = self.xp.where(answer < self.labels.count, answer, 0)
        return self.labels.narrowed(ids[..., None])

    def _beside(self, code: Array) -> State:
        return self.labels.wire(self.xp.expand_dims(code, axis=code.ndim - self.labels.ndim))

    def _beside_each_other(self) -> State:
        """The free energy of all labels, the energy beside them, and junk: (…, 1 to 3)."""
        self._joined = self._free
        if self._is_beside:
            self._joined = State()
            self._join.fprop(self._free, self._replicas.energy, self._joined)
        if self.junk is None:
            return self._joined
        energies = State()
        self.junk.fprop(self._joined, energies)
        return energies

    def _desired_energy(self) -> Array:
        energy = self._replicas.energy.x[..., 0]
        if self._desired is None:
            return energy
        present = self._desired.present
        energy = energy if present is None else self.xp.where(present[..., 0], energy, math.inf)
        if self.junk is None:
            return energy
        return self.xp.where(self._answer < self.labels.count, energy, self._energies.x[..., -1])
