"""How sequences, their lengths and their labels come in: onto the backend, in shape, and in range."""

from dataclasses import dataclass
from numbers import Integral
from typing import final

from xpnet._typing import Array
from xpnet.backend import Backend
from xpnet.errors import LabelError, ShapeError
from xpnet.modules.lengths import Blank
from xpnet.state import State


@final
@dataclass(frozen=True)
class SequenceEntrance:
    """Checks and places what a sequence trainer is given.

    ndim: the axes of one sample, of which the first is time. symbols: a step may be an integer, for a Lookup.
    """

    backend: Backend
    n_states: int
    ndim: int
    symbols: bool = False

    def sample(self, sample: Array) -> Array:
        """A sample (T, …) or a batch (B, T, …), none of them empty."""
        place = self.backend.indices if self.symbols and _integral(sample) else self.backend.asarray
        x = place(sample)
        if x.ndim not in (self.ndim, self.ndim + 1):
            msg = (
                f"a sample has {self.ndim} axes, the first of them time, a batch of samples {self.ndim + 1}; got shape "
                f"{tuple(x.shape)}"
            )
            raise ShapeError(msg)
        if 0 in x.shape:
            msg = f"nothing to run: a sample of shape {tuple(x.shape)} is empty; give at least one sample of one step"
            raise ShapeError(msg)
        return x

    def batch(self, x: Array) -> tuple[int, ...]:
        """() for one sample, (B,) for a batch."""
        return tuple(x.shape[: x.ndim - self.ndim])

    def lengths(self, lengths: Array | None, x: Array) -> Array | None:
        """Where sequences end: integers () or (B,) from 1 to T."""
        if lengths is None:
            return None
        ends, batch, steps = self._integers(lengths, "a length"), self.batch(x), x.shape[x.ndim - self.ndim]
        if tuple(ends.shape) != batch:
            msg = f"lengths have shape {tuple(ends.shape)} but the samples {batch}; give one integer per sample"
            raise ShapeError(msg)
        xp = self.backend.xp
        if self.backend.synchronous and not bool(xp.all((ends >= 1) & (ends <= steps))):
            msg = (
                f"lengths must be between 1 and {steps}, the steps of the samples; got {int(xp.min(ends))} to "
                f"{int(xp.max(ends))}"
            )
            raise ShapeError(msg)
        return ends

    def misfits(self, ends: Array | None, x: Array) -> Array | None:
        """Which lengths lie outside 1 … T, where nobody may look at them; their energies are NaN then."""
        if ends is None or self.backend.synchronous:
            return None
        return (ends < 1) | (ends > x.shape[x.ndim - self.ndim])

    def blanked(self, x: Array, lengths: Array | None) -> Array:
        """Zeros behind the ends: whatever stands there, NaN too, reaches neither energies nor gradients."""
        if lengths is None:
            return x
        blank = State()
        Blank(self.ndim - 1).bind(self.backend).fprop(State(x), State(lengths), blank)
        return blank.x

    def require_energies(self, emissions: Array, x: Array, lengths: Array | None) -> None:
        """Raise ShapeError unless a machine gave K energies for each step: (T', K) or (B, T', K)."""
        batch, got = self.batch(x), tuple(emissions.shape)
        if len(got) != len(batch) + 2 or got[:-2] != batch or got[-1] != self.n_states:
            msg = (
                f"the machine must give an energy for each of {self.n_states} labels at each step, shape "
                f"{(*batch, 'T', self.n_states)}; from samples of shape {tuple(x.shape)} it gave {got}"
            )
            raise ShapeError(msg.replace("'", ""))
        if lengths is not None and got[-2] != x.shape[len(batch)]:
            msg = (
                f"lengths count the {x.shape[len(batch)]} steps of the samples, but the machine gives energies for "
                f"{got[-2]}; pad the samples so that the machine keeps their length, or leave lengths out"
            )
            raise ShapeError(msg)

    def labels(self, labels: Array, emissions: Array, lengths: Array | None) -> Array:
        """The desired labels (T',) or (B, T'), integers below K, negative where unknown; -1 behind the ends."""
        desired = self._integers(labels, "a label of a sequence")
        if tuple(desired.shape) != tuple(emissions.shape[:-1]):
            msg = (
                f"labels have shape {tuple(desired.shape)}, but the machine gives energies for "
                f"{tuple(emissions.shape[:-1])} steps; give one integer per step"
            )
            raise ShapeError(msg)
        if lengths is not None:
            times = self.backend.indices(list(range(desired.shape[-1])))
            desired = self.backend.xp.where(lengths[..., None] > times, desired, -1)
        if self.backend.synchronous and (largest := int(self.backend.xp.max(desired))) >= self.n_states:
            msg = f"labels must be between 0 and {self.n_states - 1}, or negative where unknown; got {largest}"
            raise LabelError(msg)
        return desired

    def _integers(self, values: Array, what: str) -> Array:
        if not _integral(values):
            msg = f"{what} is an integer; got {getattr(values, 'dtype', values)}"
            raise LabelError(msg)
        return self.backend.indices(values)


def _integral(values: object) -> bool:
    if isinstance(values, list | tuple):
        return all(map(_integral, values))
    if hasattr(values, "dtype"):
        return "int" in str(values.dtype)
    return isinstance(values, Integral) and not isinstance(values, bool)
