"""All label sequences one by one: what a trellis does without enumerating them."""

from functools import cached_property
from itertools import product
from math import prod
from typing import ClassVar, final

from xpnet._typing import Array, Shape
from xpnet.errors import ShapeError
from xpnet.machines.cascade import Cascade
from xpnet.module import Module
from xpnet.modules.logsum import Logsum
from xpnet.state import State

MOST = 1 << 20  # sequences


@final
class AllPaths(Module):
    """The energies of all S = K^T label sequences: emissions (…, T, K), transitions (K, K), initial (K) to (…, S).

    E_s = initial(s_0) + Σ_t emissions_t(s_t) + Σ_t transitions(s_t, s_{t+1}); sequences in lexicographic order. For
    proofs on short sequences: see Trellis for what is linear in T.

    >>> import numpy as np
    >>> emissions, transitions, initial = np.asarray([[0.0, 1.0], [0.0, 2.0]]), np.zeros((2, 2)), np.zeros(2)
    >>> energies = State()
    >>> AllPaths(2, steps=2).fprop(State(emissions), State(transitions), State(initial), energies)
    >>> energies.x.tolist()
    [0.0, 2.0, 1.0, 3.0]
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = (2, 2, 1)

    def __init__(self, n_states: int, steps: int) -> None:
        if n_states**steps > MOST:
            msg = f"{n_states} labels have {n_states**steps} sequences of {steps} steps; at most {MOST} are enumerated"
            raise ShapeError(msg)
        self.n_states, self.steps = n_states, steps

    def fprop(self, emissions: State, transitions: State, initial: State, output: State) -> None:
        """E_s for every s."""
        states = zip((emissions, transitions, initial), self._events, self._places, strict=True)
        terms = [self._added(state.x, event, places) for state, event, places in states]
        output.x = terms[0] + terms[1] + terms[2]

    def bprop(self, emissions: State, transitions: State, initial: State, output: State) -> None:
        """Each sequence's gradient goes to what it is made of, as often as it has it."""
        dy = output.cotangent
        for state, event, counts in zip((emissions, transitions, initial), self._events, self._counts, strict=True):
            state.accumulate(self.xp.reshape(self.xp.matmul(dy, counts), (*dy.shape[:-1], *event)))

    def bbprop(self, emissions: State, transitions: State, initial: State, output: State) -> None:
        """The same with the squares of how often."""
        ddy = output.curvature
        for state, event, counts in zip((emissions, transitions, initial), self._events, self._counts, strict=True):
            state.accumulate_ddx(self.xp.reshape(self.xp.matmul(ddy, counts**2), (*ddy.shape[:-1], *event)))

    @property
    def _events(self) -> tuple[Shape, ...]:
        return (self.steps, self.n_states), (self.n_states, self.n_states), (self.n_states,)

    def _added(self, x: Array, event: Shape, places: Array) -> Array:
        lead = x.shape[: x.ndim - len(event)]
        picked = self.xp.take(self.xp.reshape(x, (*lead, prod(event))), self.xp.reshape(places, (-1,)), axis=-1)
        return self.xp.sum(self.xp.reshape(picked, (*lead, *places.shape)), axis=-2)

    @cached_property
    def _places(self) -> list[Array]:
        """For emissions, transitions and initial: which numbers each sequence adds, (terms, S)."""
        k, paths = self.n_states, list(product(range(self.n_states), repeat=self.steps))
        emissions = [[t * k + path[t] for path in paths] for t in range(self.steps)]
        transitions = [[path[t] * k + path[t + 1] for path in paths] for t in range(self.steps - 1)]
        return [self._table(table, len(paths)) for table in (emissions, transitions, [[path[0] for path in paths]])]

    @cached_property
    def _counts(self) -> list[Array]:
        """The same as numbers of times, (S, numbers)."""
        return [
            self.xp.sum(self.xp.astype(self.ops.one_hot(places, prod(event)), self.backend.dtype), axis=0)
            for places, event in zip(self._places, self._events, strict=True)
        ]

    def _table(self, table: list[list[int]], count: int) -> Array:
        return self.xp.reshape(self.backend.indices(table), (len(table), count))

    def _forget_backend(self) -> None:
        super()._forget_backend()
        for cached in ("_places", "_counts"):
            vars(self).pop(cached, None)

    def describe(self) -> str:
        """n_states, steps."""
        return f"{self.n_states}, steps={self.steps}"


def enumerated(n_states: int, steps: int, beta: float = 1.0) -> Cascade:
    """The free energy of all label sequences, one by one: what Trellis(n_states, "logsum", beta) is equivalent to."""
    return Cascade(AllPaths(n_states, steps), Logsum(beta))
