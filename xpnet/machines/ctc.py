"""Connectionist temporal classification as a trellis: all the ways in which blanks and repeats spell one target."""

import math
from collections.abc import Sequence
from typing import final

from xpnet.errors import LabelError
from xpnet.machines.graph import Graph
from xpnet.machines.machine import Machine, Plan
from xpnet.machines.trellis import Trellis
from xpnet.modules.given import Given
from xpnet.modules.pick import Pick


@final
class Ctc(Machine):
    """-1/β log Σ e^{-βE} over the paths that spell the target: energies of symbols (…, T, n) to a free energy (…).

    target: the symbols, integers. A path may stay on a symbol and put blanks before, after and between; between equal
    neighbours there is at least one blank. So the states are blank, s_1, blank, s_2, …, blank, with arcs to the next
    state and, past a blank, to the next symbol if it is another one. Without a path (T too short) the energy is +∞.

    blank: the symbol that stands for none. With energies -log softmax this is the CTC loss (Graves et al. 2006).
    """

    def __init__(self, target: Sequence[int], blank: int, beta: float = 1.0) -> None:
        self.target, self.blank, self.beta = tuple(target), blank, beta
        if blank in self.target or min(self.target, default=0) < 0:
            msg = f"a CTC target holds symbols from 0 other than the blank, {blank}; got {self.target}"
            raise LabelError(msg)
        states = [blank, *(symbol for s in self.target for symbol in (s, blank))]
        self._graph = _wired(states, blank, beta)

    def plan(self) -> Plan:
        """The symbols of the states, and the trellis."""
        return self._graph.plan()

    @property
    def event_ndims(self) -> tuple[int | None, ...]:  # type: ignore[override]
        """Energies of symbols over time."""
        return (2,)

    def describe(self) -> str:
        """target, blank."""
        return f"{list(self.target)}, blank={self.blank}"


def ctc_arcs(states: Sequence[int], blank: int, forbidden: float = math.inf) -> list[list[float]]:
    """Transition energies among the states of a target: 0 where there is an arc, else `forbidden`.

    >>> ctc_arcs([2, 0, 2], blank=2)
    [[0.0, 0.0, inf], [inf, 0.0, 0.0], [inf, inf, 0.0]]
    """
    return [
        [0.0 if j in (i, i + 1) or _skips(states, i, j, blank) else forbidden for j in range(len(states))]
        for i in range(len(states))
    ]


def _skips(states: Sequence[int], i: int, j: int, blank: int) -> bool:
    return j == i + 2 and states[j] != blank and states[j] != states[i]


def _wired(states: Sequence[int], blank: int, beta: float) -> Graph:
    forbidden = math.inf if beta > 0 else -math.inf
    n = len(states)
    graph = Graph()
    emissions = graph(Pick(states), graph.input("energies"), name="pick")
    transitions = graph(Given(ctc_arcs(states, blank, forbidden)), name="transitions")
    initial = graph(Given([0.0 if k < 2 else forbidden for k in range(n)]), name="initial")
    final = graph(Given([0.0 if k >= n - 2 else forbidden for k in range(n)]), name="final")
    trellis = Trellis(n, "logsum", beta, final=True)
    graph.output("energy", graph(trellis, emissions, transitions, initial, final, name="trellis"))
    return graph
