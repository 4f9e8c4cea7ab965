"""A structured set of answers: all sequences of K labels, with energies of its own for how labels follow each other."""

import math
from itertools import pairwise
from typing import Any, final

from xpnet._typing import HostArray
from xpnet.backend import get_backend
from xpnet.errors import GraphError, ShapeError
from xpnet.machines.graph import Graph
from xpnet.machines.machine import Machine, Plan
from xpnet.module import Module, require_module
from xpnet.modules.given import Given
from xpnet.modules.mask import Mask
from xpnet.modules.trainable import Trainable
from xpnet.parameters.initializers import given

Energies = Any  # nested lists, or a host array


@final
class LabelSequences(Machine):
    """The energies of a trellis as parameters: no inputs, but outputs transitions (K, K), initial (K)[, final (K)].

    transitions, initial, final: first values, lists or host arrays; zeros by default. +∞ forbids, for good: no update
    moves it. final: also True for zeros; without it, sequences may end in any label at no cost.

    >>> from xpnet.state import State
    >>> no = math.inf  # the tags O, B and I: no I begins, nor follows an O
    >>> tags = LabelSequences(3, transitions=[[0, 0, no], [0, 0, 0], [0, 0, 0]], initial=[0, 0, no])
    >>> transitions, initial = State(), State()
    >>> tags.fprop(transitions, initial)
    >>> transitions.x.tolist()[0], initial.x.tolist()
    ([0.0, 0.0, inf], [0.0, 0.0, inf])
    """

    def __init__(
        self,
        n_states: int,
        transitions: Energies | None = None,
        initial: Energies | None = None,
        final: Energies | bool = False,
    ) -> None:
        if n_states < 1:
            msg = f"label sequences need at least one label; got n_states={n_states}"
            raise ShapeError(msg)
        self.n_states = n_states
        self._forbidden: dict[str, HostArray] = {}
        self._graph = Graph()
        self.transitions = self._wired("transitions", transitions, (n_states, n_states))
        self.initial = self._wired("initial", initial, (n_states,))
        ends = None if isinstance(final, bool) else final
        self.final = None if final is False else self._wired("final", ends, (n_states,))

    def plan(self) -> Plan:
        """The parameters, and what is forbidden."""
        return self._graph.plan()

    @property
    def n_forbidden(self) -> int:
        """How many transitions are forbidden."""
        return int(self._forbidden["transitions"].sum())

    def objection(self, labels: list[int]) -> str:
        """Why this sequence (negative: unknown) is not in the set, "" if it is.

        >>> LabelSequences(2, transitions=[[0, math.inf], [0, 0]]).objection([1, 0, 1])
        'label 0 at step 1 is followed by 1, which is forbidden'
        """
        ends = {"initial": (0, "begins"), "final": (-1, "ends")}
        for name, (step, does) in ends.items():
            if name in self._forbidden and labels[step] >= 0 and self._forbidden[name][labels[step]]:
                return f"it {does} with label {labels[step]}, which is forbidden"
        for t, (here, there) in enumerate(pairwise(labels)):
            if min(here, there) >= 0 and self._forbidden["transitions"][here, there]:
                return f"label {here} at step {t} is followed by {there}, which is forbidden"
        return ""

    def _wired(self, name: str, values: Energies | None, shape: tuple[int, ...]) -> Trainable:
        host = get_backend("numpy", dtype="float64")
        first = host.zeros(shape) if values is None else host.asarray(values)
        if tuple(first.shape) != shape:
            msg = f"{name} energies of {self.n_states} labels have shape {shape}; got {tuple(first.shape)}"
            raise ShapeError(msg)
        self._forbidden[name] = forbidden = first == math.inf
        if not host.xp.all(host.xp.isfinite(first) | forbidden):
            msg = f"{name} energies are finite, or +∞ where forbidden; got {first.tolist()}"
            raise ShapeError(msg)
        energies = Trainable(shape, given(host.xp.where(forbidden, 0.0, first)))
        wire = self._graph(energies, name=name)
        if forbidden.any():
            wire = self._graph(Mask(), wire, self._graph(Given(~forbidden), name=f"{name} allowed"))
        self._graph.output(name, wire)
        return energies

    def describe(self) -> str:
        """n_states, and what is forbidden."""
        forbidden = f", {self.n_forbidden} transitions forbidden" if self.n_forbidden else ""
        return f"{self.n_states}{forbidden}"


def sequence_machine(machine: Module, labels: LabelSequences) -> Graph:
    """X (and the lengths, if the machine takes them) to what a Trellis takes: emissions, transitions, initial[, final].

    >>> from xpnet.modules import Linear
    >>> [name for name, *_ in sequence_machine(Linear(4, 3), LabelSequences(3)).named_parameters()]
    ['machine.weight', 'machine.bias', 'labels.transitions.value', 'labels.initial.value']
    """
    require_module(machine, "what gives the energies of labels")
    inputs, lengths = 1 if machine.variadic else len(machine.event_ndims), machine.event_ndims[1:]
    if inputs not in (1, 2) or lengths not in ((), (0,)) or machine.n_outputs != 1:
        msg = (
            f"the machine of label sequences takes X, or X and lengths, to energies (..., T, K); {machine!r} has "
            f"{inputs} inputs and {machine.n_outputs} outputs"
        )
        raise GraphError(msg)
    graph = Graph()
    ports = [graph.input(name) for name in ("input", "lengths")[:inputs]]
    graph.output("emissions", graph(machine, *ports, name="machine"))
    for name, wire in zip(("transitions", "initial", "final"), graph(labels, name="labels"), strict=False):
        graph.output(name, wire)
    return graph
