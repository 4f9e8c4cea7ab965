"""A label set as trainers hand it on: codes, which of them are present, and whether they learn."""

import math
from typing import final

from xpnet._typing import Array
from xpnet.backend import Backend
from xpnet.modules.trainable import Trainable
from xpnet.state import State


@final
class Labels:
    """K codes (K, *event) for all samples, or (B, K, *event) where candidates differ per sample.

    ndim: the number of event axes. present: None, or booleans (K,) or (B, K); absent labels have energy +∞ and may have
    any code, NaN even. owner: the module whose parameter the codes are, if they learn; ids: which of its rows they are,
    None for all. latent: whether the energies have one more lead axis, for a latent variable. axis: which axis of the
    codes counts labels; count: K.
    """

    __slots__ = ("axis", "backend", "codes", "count", "ids", "known", "latent", "ndim", "owner", "present")

    def __init__(
        self,
        backend: Backend,
        codes: Array,
        ndim: int,
        present: Array | None = None,
        owner: Trainable | None = None,
        latent: bool = False,
        ids: Array | None = None,
    ) -> None:
        self.backend, self.codes, self.ndim, self.present = backend, codes, ndim, present
        self.owner, self.latent, self.ids = owner, latent, ids
        self.known: Array | None = None  # whether each label was one of those it was chosen from; None where all were
        self.axis: int = codes.ndim - ndim - 1
        self.count: int = codes.shape[self.axis]

    @property
    def event(self) -> tuple[int, ...]:
        """The shape of one code."""
        return tuple(self.codes.shape[self.axis + 1 :])

    @property
    def usable(self) -> Array:
        """All codes, with present ones in the places of those that are absent."""
        return self.codes if self.present is None else self._harmless(self.codes, self.present)

    @property
    def shared(self) -> bool:
        """Whether the set is the same for all samples."""
        return self.axis == 0

    def span(self, start: int, stop: int) -> State:
        """The wire of the labels start … stop-1."""
        whole = start == 0 and stop == self.count
        codes = self.codes if whole else self.codes[(slice(None),) * self.axis + (slice(start, stop), ...)]
        present = self.present_in(start, stop)
        if present is not None:
            codes = self._harmless(codes, present)
        return self.wire(codes)

    def wire(self, codes: Array) -> State:
        """Codes (..., *event) as a state, with an axis for the latent variable if there is one."""
        x = self.backend.xp.expand_dims(codes, axis=codes.ndim - self.ndim) if self.latent else codes
        return State(x, fixed=self.owner is None)

    def unwired(self, gradient: Array) -> Array:
        """The gradient of a `wire`, in the shape of its codes."""
        return self.backend.xp.squeeze(gradient, axis=gradient.ndim - self.ndim - 1) if self.latent else gradient

    def narrowed(self, ids: Array) -> "Labels":
        """Only the labels with these numbers, (P,) for all samples or (B, P) for each its own."""
        rows = ids if self.owner is not None else None
        if not self.backend.synchronous:
            return self._narrowed_unread(ids, rows)
        return Labels(self.backend, self.at(ids), self.ndim, self.present_at(ids), self.owner, self.latent, rows)

    def _narrowed_unread(self, ids: Array, rows: Array | None) -> "Labels":
        """`narrowed`, where nobody may look whether a number is one of a label: the code of what is none is NaN."""
        xp = self.backend.xp
        inside = (ids >= 0) & (ids < self.count)
        safe = xp.where(inside, ids, 0)
        codes = self.at(safe)
        if xp.isdtype(codes.dtype, "real floating"):
            codes = xp.where(xp.reshape(inside, (*inside.shape, *(1,) * self.ndim)), codes, math.nan)
        found = Labels(self.backend, codes, self.ndim, self.present_at(safe), self.owner, self.latent, rows)
        found.known = inside
        return found

    def collect(self, wire: State) -> None:
        """Hand the gradient of a wire that carried all codes to the parameter that they belong to, if they learn."""
        if self.owner is None or wire.dx is None:
            return
        gradient = self.unwired(wire.dx)
        if self.ids is None:
            self.owner.value.accumulate(gradient)
        else:
            event = tuple(gradient.shape[gradient.ndim - self.ndim :])
            flat = self.backend.xp.reshape(gradient, (-1, *event))
            self.owner.value.accumulate_rows(self.backend.xp.reshape(self.ids, (-1,)), flat)

    def present_in(self, start: int, stop: int) -> Array | None:
        """Presence of the labels start … stop-1: (T,) or (B, T)."""
        return None if self.present is None else self.present[..., start:stop]

    def at(self, ids: Array) -> Array:
        """Codes of the labels with these numbers: (..., *event) for integers (...), or (B, ...) for sets per sample."""
        xp = self.backend.xp
        if self.axis == 0 and ids.ndim == 1:
            return xp.take(self.codes, ids, axis=0)
        if self.axis == 0:
            flat = xp.take(self.codes, xp.reshape(ids, (-1,)), axis=0)
            return xp.reshape(flat, (*ids.shape, *self.codes.shape[1:]))
        batch, event = self.codes.shape[0], self.codes.shape[2:]
        rows = xp.reshape(ids, (batch, -1, *(1,) * self.ndim))
        spread = xp.broadcast_to(rows, (*rows.shape[:2], *event))
        return xp.reshape(xp.take_along_axis(self.codes, spread, axis=1), (*ids.shape, *event))

    def present_at(self, ids: Array) -> Array | None:
        """Presence of the labels with these numbers, (P,) for all samples or (B, P): (P,) or (B, P)."""
        if self.present is None:
            return None
        xp = self.backend.xp
        if ids.ndim == 1:
            return xp.take(self.present, ids, axis=-1)
        if self.present.ndim == 1:
            return xp.reshape(xp.take(self.present, xp.reshape(ids, (-1,)), axis=0), tuple(ids.shape))
        rows = xp.reshape(ids, (self.present.shape[0], -1))
        return xp.reshape(xp.take_along_axis(self.present, rows, axis=1), tuple(ids.shape))

    def _harmless(self, codes: Array, present: Array) -> Array:
        """A present code in place of absent ones: whatever stands there, NaN too, reaches no energy and no gradient.

        Not zeros, which far from the origin would move the centre that distances are taken from.
        """
        xp, axis = self.backend.xp, self.axis
        if present.ndim > axis + 1:  # one set for all samples: a code is absent where no sample has it
            present = xp.any(present, axis=0)
        spread = xp.reshape(present, (*(1,) * (axis + 1 - present.ndim), *present.shape, *(1,) * self.ndim))
        first = xp.argmax(xp.astype(spread, xp.int8), axis=axis, keepdims=True)
        first = xp.broadcast_to(first, (*codes.shape[:axis], 1, *self.event))
        filler = xp.take_along_axis(codes, first, axis=axis)
        nothing = xp.zeros((), dtype=codes.dtype, device=self.backend.device)
        filler = xp.where(xp.any(spread, axis=axis, keepdims=True), filler, nothing)
        return xp.where(spread, codes, filler)
