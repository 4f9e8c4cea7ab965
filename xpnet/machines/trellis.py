"""Hidden Markov models and linear-chain CRFs: recurrent machines whose cell is linear, in one of three arithmetics.

The state Z_t (K) has, for each of K labels, the energy of all the paths that end in it. A step adds what the label at t
costs and goes along the arcs to every successor, where a plus module brings the paths together:

    Y_t = Z_t ⊗ emissions_t,    Z_{t+1}(j) = ⊕_i Y_t(i) ⊗ transitions(i, j),    Z_0 = initial

    plus     ⊕                     ⊗     score
    logsum   -1/β log Σ e^{-β ·}   +     the free energy of all paths
    min      min                   +     the energy of the best path (Viterbi)
    sum      Σ                     ×     the probability of all paths (the forward algorithm), without logarithms
"""

from typing import Literal, TypeAlias, final

from xpnet.checks import whole
from xpnet.errors import GraphError, nearest
from xpnet.machines.graph import Graph
from xpnet.machines.machine import Machine, Plan
from xpnet.machines.unfolded import Unfolded
from xpnet.module import Module
from xpnet.modules.arcs import Arcs
from xpnet.modules.arithmetic import Sum, Times
from xpnet.modules.branch import Plus
from xpnet.modules.delay import Delay
from xpnet.modules.logsum import Logsum
from xpnet.modules.min import Min

Arithmetic: TypeAlias = Literal["logsum", "min", "sum"]
ARITHMETICS = ("logsum", "min", "sum")


@final
class Trellis(Machine):
    """The score of all paths through K states: emissions (…, T, K), transitions (K, K), initial (K) to (…).

    A path s has the energy initial(s_0) + Σ_t emissions_t(s_t) + Σ_t transitions(s_t, s_{t+1}); +∞ forbids. Lead axes
    of all inputs broadcast. With plus="sum" all are probabilities, and are multiplied.

    The gradient of the free energy with respect to the emissions is the posterior of each state at each step, and that
    of the best path's energy is the path, in ones and zeros; see `posteriors` and `viterbi`.

    timed: transitions are (…, T, K, K), those at t leading from step t to t+1 (the last are not used). final: one more
    input (K), added in the last state. lengths: one more input, integers (…) from 1 to T: sequences end there.

    >>> import numpy as np
    >>> from xpnet.state import State
    >>> initial, transitions, emissions = [0.6, 0.4], [[0.7, 0.3], [0.4, 0.6]], [[0.5, 0.1], [0.4, 0.3], [0.1, 0.6]]
    >>> trellis, score = Trellis(2, plus="sum"), State()
    >>> trellis.fprop(*(State(np.asarray(x)) for x in (emissions, transitions, initial)), score)
    >>> round(float(score.x), 5)
    0.03628
    """

    def __init__(
        self,
        n_states: int,
        plus: Arithmetic = "logsum",
        beta: float = 1.0,
        *,
        timed: bool = False,
        final: bool = False,
        lengths: bool = False,
    ) -> None:
        self.n_states, self.plus, self.beta = whole(n_states, "n_states, of a Trellis,"), plus, beta
        self.timed, self.final, self.lengths = timed, final, lengths
        times, bring = _arithmetic(plus, beta)
        self._graph = self._wired(times, bring)

    def plan(self) -> Plan:
        """The unfolded step, and the sum over its last state."""
        return self._graph.plan()

    def _wired(self, times: Module, plus: Module) -> Graph:
        graph = Graph()
        ports = [graph.input(name) for name in ("emissions", "transitions", "initial")]
        final = graph.input("final") if self.final else None
        ports += [graph.input("lengths")] if self.lengths else []
        steps = Unfolded(self._step(times, plus), lengths=self.lengths, last=True)
        last = graph(steps, *ports, name="steps")
        if final is not None:
            last = graph(times, last, final, name="end")
        graph.output("score", graph(plus, last, name="plus"))
        return graph

    def _step(self, times: Module, plus: Module) -> Graph:
        graph = Graph()
        emissions = graph.input("emissions")
        transitions = graph.input("transitions", constant=not self.timed)
        initial = graph.input("initial", constant=True)
        coming = graph.wire("coming")
        here = graph(times, graph(Delay((self.n_states,), "given"), coming, initial), emissions)
        arcs = Arcs("product" if self.plus == "sum" else "sum")
        graph(plus, graph(arcs, here, transitions), to=coming)
        graph.output("here", here)
        return graph

    def describe(self) -> str:
        """n_states, plus, beta."""
        return f"{self.n_states}, plus={self.plus!r}" + (f", beta={self.beta}" if self.plus == "logsum" else "")


def _arithmetic(plus: str, beta: float) -> tuple[Module, Module]:
    """⊗ of two wires, and ⊕ over the last axis."""
    if plus == "logsum":
        return Plus(), Logsum(beta)
    if plus == "min":
        return Plus(), Min()
    if plus == "sum":
        return Times(), Sum()
    msg = f"a trellis has no arithmetic {plus!r}; {nearest(plus, ARITHMETICS)}"
    raise GraphError(msg)
