"""What a trellis tells about paths: the posteriors of the states, the best path, and the best paths."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from xpnet._typing import Array
from xpnet.backend import Backend, get_backend
from xpnet.machines.trellis import Arithmetic, Trellis
from xpnet.ops.broadcast import broadcast_lead
from xpnet.state import State

Arrays: TypeAlias = object  # host arrays, lists, or arrays of the backend


@dataclass(frozen=True)
class Posteriors:
    """At each step the probability of each state (…, T, K), and the free energy (…) of all paths."""

    states: Array
    free_energy: Array


@dataclass(frozen=True)
class Path:
    """The labels (…, T) of one path, -1 after the end of a sequence, and its energy (…)."""

    labels: Array
    energy: Array


def posteriors(
    emissions: Arrays,
    transitions: Arrays,
    initial: Arrays,
    *,
    final: Arrays | None = None,
    lengths: Arrays | None = None,
    beta: float = 1.0,
    backend: Backend | None = None,
) -> Posteriors:
    """P(state at t = k | the whole sequence) for Gibbs distributed paths: the bprop of the free energy.

    Energies as for Trellis; transitions (K, K), or (…, T, K, K) if they have as many axes as that. Zeros where no path
    is possible, and after the end of a sequence.

    >>> import numpy as np
    >>> energies = -np.log([[0.9, 0.2], [0.9, 0.2]])  # an umbrella was seen on both days
    >>> rain = posteriors(energies, -np.log([[0.7, 0.3], [0.3, 0.7]]), -np.log([0.5, 0.5]))
    >>> round(float(rain.states[0, 0]), 4)
    0.8834
    """
    backend = backend or get_backend()
    gradient, energy = _swept("logsum", beta, backend, emissions, transitions, initial, final, lengths)
    return Posteriors(gradient, energy)


def viterbi(
    emissions: Arrays,
    transitions: Arrays,
    initial: Arrays,
    *,
    final: Arrays | None = None,
    lengths: Arrays | None = None,
    backend: Backend | None = None,
) -> Path:
    """The path of lowest energy: the bprop of the best path's energy is that path, in ones and zeros.

    Of equal paths it is one, chosen from the end, of equal states the first. If none is possible, the energy is +∞.

    >>> import numpy as np
    >>> emissions, transitions = -np.log([[0.5, 0.1], [0.4, 0.3], [0.1, 0.6]]), -np.log([[0.7, 0.3], [0.4, 0.6]])
    >>> path = viterbi(emissions, transitions, -np.log([0.6, 0.4]))
    >>> path.labels.tolist(), round(float(path.energy), 4)
    ([0, 0, 1], 4.1917)
    """
    backend = backend or get_backend()
    gradient, energy = _swept("min", 1.0, backend, emissions, transitions, initial, final, lengths)
    xp = backend.xp
    none = xp.full((), -1, dtype=backend.indices(0).dtype, device=backend.device)
    labels = xp.where(xp.max(gradient, axis=-1) > 0, xp.astype(xp.argmax(gradient, axis=-1), none.dtype), none)
    return Path(labels, energy)


@dataclass(frozen=True)
class TrellisInputs:
    """What a trellis takes, on the backend; the emissions have all lead axes."""

    emissions: Array
    transitions: Array
    initial: Array
    final: Array | None
    lengths: Array | None

    @property
    def timed(self) -> bool:
        """Whether transitions change with time."""
        return bool(self.transitions.ndim > 2)

    def states(self) -> list[State]:
        """As wires, of which only the emissions take a gradient."""
        others = (self.transitions, self.initial, self.final, self.lengths)
        return [State(self.emissions), *(State(x, fixed=True) for x in others if x is not None)]


def trellis_inputs(
    backend: Backend,
    emissions: Arrays,
    transitions: Arrays,
    initial: Arrays,
    final: Arrays | None = None,
    lengths: Arrays | None = None,
) -> TrellisInputs:
    """Energies and lengths brought to the backend, and the emissions broadcast to every lead axis."""
    energies, arcs, start = map(backend.asarray, (emissions, transitions, initial))
    end = None if final is None else backend.asarray(final)
    counts = None if lengths is None else backend.indices(lengths)
    leads = [energies.shape[:-2], start.shape[:-1], arcs.shape[:-3]]
    leads += [] if end is None else [end.shape[:-1]]
    leads += [] if counts is None else [counts.shape]
    lead = broadcast_lead([tuple(shape) for shape in leads])
    shared = backend.xp.broadcast_to(energies, (*lead, *energies.shape[-2:]))
    return TrellisInputs(shared, arcs, start, end, counts)


def _swept(plus: Arithmetic, beta: float, backend: Backend, *inputs: Arrays) -> tuple[Array, Array]:
    """The gradient of the score with respect to the emissions, one for each place on the lead axes; and the score."""
    given = trellis_inputs(backend, *inputs)
    ends = given.final is not None, given.lengths is not None
    trellis = _trellis(backend, given.emissions.shape[-1], plus, beta, given.timed, *ends)
    states, score = given.states(), State()
    trellis.fprop(*states, score)
    score.accumulate(backend.xp.ones_like(score.x))
    trellis.bprop(*states, score)
    return states[0].cotangent, score.x


@lru_cache(maxsize=8)  # a trellis holds no values, but the plans of the lengths it has seen
def _trellis(
    backend: Backend, n_states: int, plus: Arithmetic, beta: float, timed: bool, final: bool, lengths: bool
) -> Trellis:
    return Trellis(n_states, plus, beta, timed=timed, final=final, lengths=lengths).bind(backend)
