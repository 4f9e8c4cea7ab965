"""The energies of a whole label set at once, and their way back."""

from collections.abc import Callable
from typing import final

from xpnet._typing import Array
from xpnet.inference.energy_function import EnergyFunction, Replicas
from xpnet.inference.labels import Labels
from xpnet.module import Module
from xpnet.modules.branch import Plus
from xpnet.modules.concatenate import Concatenate
from xpnet.modules.junk import Junk
from xpnet.modules.mask import Mask
from xpnet.state import State


@final
class AllEnergies:
    """One energy for each answer to a placed sample, held all together; `output` and `energy` are the lecture's slots.

    Behind the machine's energies come, where they are asked for: +∞ for absent labels, the energy of one more label for
    each sample, a number added to each energy, and the junk category.
    """

    def __init__(self, function: EnergyFunction, junk: Junk | None = None) -> None:
        self.function, self.junk = function, junk
        self.output, self.energy = State(fixed=True), State()
        self.mask, self.join, self.plus = Mask(), Concatenate(), Plus()
        self._labels: Labels | None = None
        self._replicas: list[Replicas] = []
        self._behind: list[tuple[Module, tuple[State, ...]]] = []

    def modules(self) -> list[Module]:
        """What has to be bound to a backend, beside the function's own."""
        return [self.mask, self.join, self.plus, *([] if self.junk is None else [self.junk])]

    def fprop(
        self,
        labels: Labels | None,
        present: Callable[[int], Array | None] | None = None,
        beside: Array | None = None,
        offsets: Array | None = None,
    ) -> State:
        """The wire of all energies (…, K): of the labels; `beside`, one more code (…, *event); junk; in this order.

        present: called with the number of energies, gives booleans (K,) or (…, K), or None for all. offsets (…, K) are
        added to the energies of labels.
        """
        self._labels, self._behind = labels, []
        self.output = State(fixed=True) if labels is None else labels.span(0, labels.count)
        self._replicas = [self.function.evaluate(self.output, self.energy)]
        last = self.energy
        mask = None if present is None else present(last.x.shape[-1])
        if mask is not None:
            last = self._then(self.mask, last, State(mask, fixed=True))
        if offsets is not None:
            last = self._then(self.plus, last, State(offsets, fixed=True))
        if beside is not None and labels is not None:
            one = labels.backend.xp.expand_dims(beside, axis=beside.ndim - labels.ndim)
            self._replicas.append(self.function.evaluate(labels.wire(one), State()))
            last = self._then(self.join, last, self._replicas[-1].energy)
        return last if self.junk is None else self._then(self.junk, last)

    def bprop(self) -> None:
        """From the gradient of the wire that fprop gave, into parameters and codes."""
        for module, states in reversed(self._behind):
            module.bprop(*states)
        for replicas in self._replicas:
            self.function.pull(replicas)
        if self._labels is not None:
            self._labels.collect(self.output)
        self.function.finish()

    def _then(self, module: Module, *inputs: State) -> State:
        output = State()
        module.fprop(*inputs, output)
        self._behind.append((module, (*inputs, output)))
        return output
