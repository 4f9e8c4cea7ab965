"""Losses over all label sequences: the desired path against all paths, none of them enumerated.

E_D is the desired sequence's energy, s any of the K^T sequences.

    SequenceNll         E_D + 1/β log Σ_s exp(-β E_s)
    SequencePerceptron  E_D - min_s E_s
    SequenceHinge       E_D - min_s (E_s - m · number of labels in which s differs from the desired ones)
"""

from collections.abc import Sequence
from typing import final

from xpnet.errors import RecipeError, nearest
from xpnet.losses.gap import positive
from xpnet.machines.augmented import Augmented
from xpnet.machines.graph import Graph, Wire
from xpnet.machines.machine import Machine, Plan
from xpnet.machines.trellis import Arithmetic, Trellis
from xpnet.modules.arithmetic import Minus
from xpnet.modules.clamp import Clamp
from xpnet.state import State

LOSS_NAMES = ("likelihood", "perceptron", "hinge")


class SequenceLoss(Machine):
    """L = ⊕ E over the desired paths, less ⊕ E over all: two replicas of one trellis.

    In one, Clamp leaves only the desired label of each step; in the other all are free. Inputs: emissions (…, T, K),
    transitions, initial and, with final=True, final as for Trellis; the desired labels (…, T), integers, a negative one
    where any label will do; and lengths (…) if lengths=True.
    """

    def __init__(
        self,
        n_states: int,
        plus: Arithmetic,
        beta: float = 1.0,
        *,
        timed: bool = False,
        final: bool = False,
        lengths: bool = False,
    ) -> None:
        self.n_states, self.beta = n_states, beta
        self.timed, self.final, self.lengths = timed, final, lengths
        self._graph = self._wired(Trellis(n_states, plus, beta, timed=timed, final=final, lengths=lengths))

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
        return (2, 3 if self.timed else 2, *(1,) * (1 + self.final), 1, *(0,) * self.lengths)

    def rivals(self, graph: Graph, emissions: Wire, labels: Wire) -> Wire:
        """The emissions of the trellis in which all labels are free."""
        return emissions

    def _wired(self, trellis: Trellis) -> Graph:
        graph = Graph()
        emissions, *model = (graph.input(name) for name in ("emissions", "transitions", "initial"))
        model += [graph.input("final")] if self.final else []
        labels = graph.input("labels")
        model += [graph.input("lengths")] if self.lengths else []
        forbidden = float("inf") if self.beta > 0 else -float("inf")
        desired = graph(trellis, graph(Clamp(forbidden), emissions, labels, name="clamp"), *model, name="desired")
        free = graph(trellis, self.rivals(graph, emissions, labels), *model, name="all")
        graph.output("loss", graph(Minus(), desired, free, name="minus"))
        return graph

    def describe(self) -> str:
        """n_states."""
        return f"{self.n_states}"


@final
class SequenceNll(SequenceLoss):
    """L = E(desired path) - F, with F = -1/β log Σ e^{-βE} over all K^T paths: the negative log-likelihood over β.

    Inputs as for SequenceLoss; unknown labels are summed over. The gradient with respect to the emissions is
    δ(desired) - posterior.
    """

    def __init__(
        self, n_states: int, beta: float = 1.0, *, timed: bool = False, final: bool = False, lengths: bool = False
    ) -> None:
        super().__init__(n_states, "logsum", beta, timed=timed, final=final, lengths=lengths)

    def describe(self) -> str:
        """n_states, beta."""
        return f"{self.n_states}, beta={self.beta}"


@final
class SequencePerceptron(SequenceLoss):
    """L = E(desired path) - min_s E(s): nothing to learn once the desired path is the best (Collins 2002).

    Inputs as for SequenceLoss; unknown labels are those of the best path through the known ones. The gradient with
    respect to the emissions is δ(desired) - δ(best path).
    """

    def __init__(self, n_states: int, *, timed: bool = False, final: bool = False, lengths: bool = False) -> None:
        super().__init__(n_states, "min", timed=timed, final=final, lengths=lengths)


@final
class SequenceHinge(SequenceLoss):
    """L = E(desired path) - min_s (E(s) - m Hamming(s, desired)): the structured support vector machine's loss.

    Nothing to learn once every path costs more than the desired one by the margin m for each label in which it differs
    (Taskar et al. 2003). Inputs as for SequenceLoss; unknown labels are those of the best path through the known ones,
    and never differ.

    >>> import numpy as np
    >>> emissions, labels, loss = np.asarray([[0.0, 3.0], [0.5, 0.0]]), np.asarray([0, 1]), State()
    >>> SequenceHinge(2).fprop(*map(State, (emissions, np.zeros((2, 2)), np.zeros(2), labels)), loss)
    >>> float(loss.x)
    0.5
    """

    def __init__(
        self, n_states: int, margin: float = 1.0, *, timed: bool = False, final: bool = False, lengths: bool = False
    ) -> None:
        self.margin = positive(margin, "margin")
        super().__init__(n_states, "min", timed=timed, final=final, lengths=lengths)

    def rivals(self, graph: Graph, emissions: Wire, labels: Wire) -> Wire:
        """Emissions, lower by m where the label is wrong."""
        lowered: Wire = graph(Augmented(self.margin), emissions, labels, name="augmented")
        return lowered

    def describe(self) -> str:
        """n_states, margin."""
        return f"{self.n_states}, margin={self.margin}"


def sequence_loss(
    name: str, n_states: int, *, beta: float = 1.0, margin: float = 1.0, final: bool = False, lengths: bool = False
) -> SequenceLoss:
    """The loss of that name; beta is the likelihood's, margin the hinge's.

    >>> sequence_loss("hinge", 3, margin=2.0)
    SequenceHinge(3, margin=2.0)
    """
    if name == "likelihood":
        return SequenceNll(n_states, beta, final=final, lengths=lengths)
    if name == "perceptron":
        return SequencePerceptron(n_states, final=final, lengths=lengths)
    if name == "hinge":
        return SequenceHinge(n_states, margin, final=final, lengths=lengths)
    msg = f"no loss over label sequences is called {name!r}; {nearest(name, LOSS_NAMES)}"
    raise RecipeError(msg)
