"""A linear chain that learns label sequences."""

from typing import final

from xpnet.machines.graph import Graph
from xpnet.machines.machine import Machine, Plan
from xpnet.machines.sequence_loss import SequenceNll as SequenceNll
from xpnet.modules.trainable import Trainable


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
