"""The best answers of a placed sample, from all energies at once or tile by tile, whichever the memory allows."""

import math
from collections.abc import Callable
from math import prod
from typing import final

from xpnet._typing import Array
from xpnet.backend import Backend
from xpnet.errors import LabelError
from xpnet.inference.all_energies import AllEnergies
from xpnet.inference.answers import Answers, answers_among, answers_from, wanted
from xpnet.inference.label_stream import LabelStream
from xpnet.inference.labels import Labels
from xpnet.inference.memory import numbers_in, tile_size
from xpnet.state import State

MANY = 1 << 21  # so many energies of one product are found sooner tile by tile: a tile stays in the cache
SORTED = 40  # bytes that finding the best takes for each energy: numbers of labels, masks, copies
WIDEST = 256  # where energies so many times as large would fit, nobody needs to ask how large the machine's wires are


@final
class Search:
    """Finds answers within a memory: `memory` bytes for the energies and the wires that lead to them."""

    def __init__(self, everything: AllEnergies, memory: int) -> None:
        self.all, self.function, self.memory = everything, everything.function, memory
        self._footprints: dict[tuple[object, ...], int] = {}

    def fits(self, labels: Labels | None) -> bool:
        """Whether the energies of all labels may be held at once; the sample must have been placed."""
        if labels is None:
            return True
        itemsize = 4 if labels.backend.dtype_name == "float32" else 8
        energies = self._batch * labels.count * max(self._latents, 1) * itemsize
        return energies * WIDEST <= self.memory or self._per_label(labels) * labels.count <= self.memory

    def better_streamed(self, labels: Labels) -> bool:
        """Whether tiles are quicker, even where all energies could be held."""
        many = self._batch * labels.count >= MANY
        return many and LabelStream(self.function, labels, 1).as_product

    def stream(self, labels: Labels) -> LabelStream:
        """The labels in tiles as large as the memory allows."""
        return LabelStream(self.function, labels, tile_size(self.memory, self._per_label(labels), labels.count))

    def answers(
        self,
        backend: Backend,
        labels: Labels | None,
        present: Callable[[int], Array | None],
        top: int,
        beta: float | None,
    ) -> Answers:
        """The `top` best answers; with beta, their margin and probabilities too. present: see AllEnergies.fprop."""
        if labels is None or (self.fits(labels) and not self.better_streamed(labels)):
            energies = self.all.fprop(labels, present).x
            found = answers_among(backend, energies, top, beta)
        else:
            found = self._streamed(labels, top, beta)
        return found if self.function.latent is None else self._with_latent(found, labels)

    def _streamed(self, labels: Labels, top: int, beta: float | None) -> Answers:
        backend = labels.backend
        if beta is not None and beta < 0:
            msg = f"over a streamed label set β must be positive; got {beta}. Raise the trainer's memory instead"
            raise LabelError(msg)
        stream = self.stream(labels)
        count = labels.count + (self.all.junk is not None)
        lowest, numbers = stream.lowest(wanted(top, labels.count, margin=beta is not None))
        free = None if beta is None else stream.free_energy(beta)
        if self.all.junk is not None:
            lowest, numbers, free = self._beside_junk(backend, lowest, numbers, labels.count, free, beta)
            kept = wanted(top, count, margin=beta is not None)
            lowest, numbers = lowest[..., :kept], numbers[..., :kept]
        if free is not None and beta is not None:
            # These energies and the sum over all were rounded apart; a part must not be more than the whole.
            free = backend.xp.minimum(free, backend.ops.logsum(lowest, beta))
        return answers_from(backend, lowest, numbers, top, beta=beta, free_energy=free)

    def _beside_junk(
        self, backend: Backend, lowest: Array, numbers: Array, count: int, free: Array | None, beta: float | None
    ) -> tuple[Array, Array, Array | None]:
        """The junk category's energy sorted in behind equal ones, as answer `count`."""
        energies = self._then_junk(lowest)
        xp = backend.xp
        junk = xp.full_like(numbers[..., :1], count)
        order = xp.argsort(xp.where(xp.isnan(energies), -math.inf, energies), axis=-1, stable=True)  # NaN is seen
        numbers = xp.take_along_axis(xp.concat([numbers, junk], axis=-1), order, axis=-1)
        if free is not None and beta is not None:
            free = backend.ops.logsum(self._then_junk(free[..., None]), beta)
        return xp.take_along_axis(energies, order, axis=-1), numbers, free

    def _then_junk(self, energies: Array) -> Array:
        output = State()
        if self.all.junk is None:
            return energies
        self.all.junk.fprop(State(energies), output)
        return output.x

    def _with_latent(self, found: Answers, labels: Labels | None) -> Answers:
        """The same with the best latent value for the best label, by one more evaluation."""
        if labels is None:
            return found
        xp = found.backend.xp
        usable = (found.index >= 0) & (found.index < labels.count)
        energy, ids = State(), xp.where(usable, found.index, 0)[..., None]
        replicas = self.function.evaluate(labels.narrowed(ids).span(0, 1), energy)
        if replicas.descent is not None:
            return found.with_latent(xp.squeeze(replicas.latent.x, axis=ids.ndim - 1))
        best = xp.argmin(self.function.before_elimination(energy), axis=-1)
        return found.with_latent(xp.where(usable, xp.reshape(best, tuple(found.index.shape)), -1))

    def _per_label(self, labels: Labels) -> int:
        """Bytes that one label takes, for all samples and latent values: values and gradients of every wire."""
        itemsize = 4 if labels.backend.dtype_name == "float32" else 8
        if LabelStream(self.function, labels, 1).as_product:
            return 8 * itemsize * self._batch  # energies, and what the search makes of them
        shapes = (self.function.input.x, self.function.latents.x)
        key = (itemsize, labels.shared, labels.event, *(None if x is None else tuple(x.shape) for x in shapes))
        if key not in self._footprints:
            energy = State()
            replicas = self.function.evaluate(labels.span(0, 1), energy)
            inputs = sum(
                prod(state.x.shape) for state in self.function.late_inputs(replicas.label) if state.x is not None
            )
            # A set for each sample meets it by differences of codes, beside copies of codes and their gradients.
            codes = prod(labels.event) * (2 if labels.shared else 4 * self._batch)
            wires = max(numbers_in(energy) - inputs, prod(energy.x.shape))
            self._footprints[key] = itemsize * (2 * wires + codes) + SORTED * self._batch
        return self._footprints[key]

    @property
    def _batch(self) -> int:
        x = self.function.input.x
        return int(x.shape[0]) if x.ndim > self.function.event_ndims[0] else 1

    @property
    def _latents(self) -> int:
        z = self.function.latents.x
        return 0 if z is None else int(z.shape[z.ndim - self.function.event_ndims[2] - 1])
