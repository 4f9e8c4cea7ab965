"""Learning label sequences: the desired path against all paths, none of them enumerated."""

from collections.abc import Sequence
from typing import final

from xpnet.machines.graph import Graph
from xpnet.machines.machine import Machine, Plan
from xpnet.machines.trellis import Trellis
from xpnet.modules.arithmetic import Minus
from xpnet.modules.clamp import Clamp
from xpnet.modules.trainable import Trainable
from xpnet.state import State


@final
class SequenceNll(Machine):
    """L = E(desired path) - F, with F = -1/β log Σ e^{-βE} over all K^T paths: the negative log-likelihood over β.

    Two replicas of one trellis: in one, Clamp leaves only the desired label of each step; in the other all are free.
    Inputs: emissions (…, T, K), transitions, initial as for Trellis, the desired labels (…, T), integers, a negative
    one where any label will do, and lengths (…) if lengths=True. The gradient with respect to the emissions is
    δ(desired) - posterior.
    """

    def __init__(self, n_states: int, beta: float = 1.0, *, timed: bool = False, lengths: bool = False) -> None:
        self.n_states, self.beta, self.timed, self.lengths = n_states, beta, timed, lengths
        self._graph = self._wired(Trellis(n_states, "logsum", beta, timed=timed, lengths=lengths))

    def plan(self) -> Plan:
        """The trellis twice, and the difference."""
        return self._graph.plan()

    def plan_for(self, states: Sequence[State]) -> Plan:
        """The same, once the emissions have one energy for each state."""
        self.require_width(states[0].x, self.n_states, "emissions")
        return self.plan()

    @property
    def event_ndims(self) -> tuple[int | None, ...]:  # type: ignore[override]
        """Emissions and labels are sequences."""
        return (2, 3 if self.timed else 2, 1, 1, *((0,) if self.lengths else ()))

    def _wired(self, trellis: Trellis) -> Graph:
        graph = Graph()
        emissions, *model = (graph.input(name) for name in ("emissions", "transitions", "initial"))
        labels = graph.input("labels")
        model += [graph.input("lengths")] if self.lengths else []
        forbidden = float("inf") if self.beta > 0 else -float("inf")
        desired = graph(trellis, graph(Clamp(forbidden), emissions, labels, name="clamp"), *model, name="desired")
        free = graph(trellis, emissions, *model, name="all")
        graph.output("loss", graph(Minus(), desired, free, name="minus"))
        return graph

    def describe(self) -> str:
        """n_states, beta."""
        return f"{self.n_states}, beta={self.beta}"


@final
class Crf(Machine):
    """A linear-chain conditional random field: SequenceNll with transitions and initial energies of its own.

    Inputs: emissions (…, T, K), labels (…, T) as for SequenceNll, negative where unknown, and lengths (…) if
    lengths=True; the output is the loss (…). Put any machine that gives the emissions before it. Decode with `viterbi`
    or `posteriors` on its parameters, as in the example.

    >>> import numpy as np
    >>> from xpnet.machines.paths import viterbi
    >>> from xpnet.parameters import ParameterStore
    >>> from xpnet.state import State
    >>> crf, loss = Crf(2), State()
    >>> store = ParameterStore(crf)
    >>> emissions, labels = np.zeros((5, 2), dtype="float32"), np.asarray([0, 1, 0, 1, 0])
    >>> for _ in range(50):
    ...     crf.fprop(State(emissions, fixed=True), State(labels, fixed=True), loss)
    ...     loss.accumulate(np.ones_like(loss.x))
    ...     crf.bprop(State(emissions, fixed=True), State(labels, fixed=True), loss)
    ...     store.update(lambda x, dx, slot: (x - 0.5 * dx, slot))
    >>> viterbi(emissions, crf.transitions.value.x, crf.initial.value.x).labels.tolist()
    [0, 1, 0, 1, 0]
    """

    def __init__(self, n_states: int, beta: float = 1.0, *, lengths: bool = False) -> None:
        self.n_states, self.lengths = n_states, lengths
        self.transitions, self.initial = Trainable((n_states, n_states)), Trainable((n_states,))
        self.nll = SequenceNll(n_states, beta, lengths=lengths)
        self._graph = self._wired()

    def plan(self) -> Plan:
        """The parameters as wires, and the loss."""
        return self._graph.plan()

    @property
    def event_ndims(self) -> tuple[int | None, ...]:  # type: ignore[override]
        """Emissions and labels are sequences."""
        return (2, 1, 0) if self.lengths else (2, 1)

    def _wired(self) -> Graph:
        graph = Graph()
        emissions, labels = graph.input("emissions"), graph.input("labels")
        lengths = [graph.input("lengths")] if self.lengths else []
        transitions = graph(self.transitions, name="transitions")
        initial = graph(self.initial, name="initial")
        graph.output("loss", graph(self.nll, emissions, transitions, initial, labels, *lengths, name="nll"))
        return graph

    def describe(self) -> str:
        """n_states, beta."""
        return self.nll.describe()
