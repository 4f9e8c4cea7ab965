"""A machine with Delays, unfolded in time: backprop through time is the bprop of the unfolded machine."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import final

from xpnet.errors import GraphError, ShapeError
from xpnet.machines.deferred import deferred
from xpnet.machines.machine import Machine, Plan
from xpnet.machines.schedule import inlined, step_ndim
from xpnet.machines.unfolding import Form, Unfolding
from xpnet.module import Module
from xpnet.state import State

KEPT = 32  # plans of so many different shapes are kept


class OverTime(Machine):
    """A machine over sequences, made of one step: its plan has a replica of the step for each time.

    Inputs are the step's, (…, T, event) instead of (…, event), then, with lengths=True, integers n (…) ≤ T.
    """

    over_time = True

    def __init__(
        self, *, lengths: bool = False, last: bool = False, truncate: int | None = None, hoist: bool = False
    ) -> None:
        if truncate is not None and truncate < 1:
            msg = f"truncate is the number of steps that gradients go back, at least 1; got {truncate}"
            raise GraphError(msg)
        self.lengths, self.last, self.truncate, self.hoist = lengths, last, truncate, hoist
        self._plans: dict[Form, Plan] = {}
        self._planned: Plan | None = None

    @abstractmethod
    def step(self) -> Machine:
        """The machine of one step, whose Delays carry the state to the next."""

    @final
    def plan(self) -> Plan:
        """The boxes of one step."""
        return self.step().plan()

    @final
    def plan_for(self, states: Sequence[State]) -> Plan:
        """The boxes of all steps, for sequences as long as those in `states`."""
        form, step = self._form(states), self.plan()
        if step is not self._planned:
            self._plans, self._planned = {}, step
        if form not in self._plans:
            plan = Unfolding(inlined(step) if form.hoist else step, form, self._bound).plan()
            while len(self._plans) >= KEPT:
                self._plans.pop(next(iter(self._plans)))
            self._plans[form] = deferred(plan) if form.hoist else plan
        return self._plans[form]

    @property
    def event_ndims(self) -> tuple[int | None, ...]:  # type: ignore[override]
        """A step's axes and time; constants and lengths have no time."""
        plan = self.plan()
        ndims = [ndim + (wire not in plan.constants) for wire, ndim in zip(plan.inputs, self._ndims(), strict=True)]
        return (*ndims, 0) if self.lengths else tuple(ndims)

    def children(self) -> Iterator[tuple[str, Module]]:
        """The modules of one step: all steps share them."""
        return self.step().children()

    def _ndims(self) -> tuple[int, ...]:
        plan = self.plan()
        return tuple(1 if (ndim := step_ndim(plan, wire)) is None else ndim for wire in plan.inputs)

    def _form(self, states: Sequence[State]) -> Form:
        plan, ndims = self.plan(), self._ndims()
        ports = len(plan.inputs) + self.lengths + len(plan.outputs)
        if len(states) != ports:
            msg = f"{type(self).__name__} has {ports} inputs and outputs in all; got {len(states)} states"
            raise ShapeError(msg)
        lengths: dict[int, int] = {}
        leads = []
        for wire, ndim, state in zip(plan.inputs, ndims, states[: len(plan.inputs)], strict=True):
            timed = wire not in plan.constants
            leads.append(state.x.ndim - ndim - timed)
            if leads[-1] < 0:
                msg = f"{type(self).__name__} expects input {wire} of shape (..., T, {ndim} axes); got {state.x.shape}"
                raise ShapeError(msg)
            if timed:
                lengths[wire] = state.x.shape[-1 - ndim]
        if len(set(lengths.values())) != 1 or 0 in lengths.values():
            msg = (
                f"{type(self).__name__} expects sequences of one and the same length, at least 1; got {lengths} by "
                "input. Pad them, and say with lengths=True where each one ends"
            )
            raise ShapeError(msg)
        steps = next(iter(lengths.values()))
        if self.lengths:  # padding is blanked with the lengths' lead axes, if there are more of them
            ends = states[len(plan.inputs)].x.ndim
            leads = [max(lead, ends) if w in lengths else lead for w, lead in zip(plan.inputs, leads, strict=True)]
        return Form(steps, ndims, tuple(leads), self.lengths, self.last, self.truncate, self.hoist)

    def _bound(self, module: Module) -> Module:
        return module.bind(self.backend)

    def _forget_backend(self) -> None:
        super()._forget_backend()
        self._plans = {}


@final
class Unfolded(OverTime):
    """A graph with Delays over a sequence: T replicas of the graph that share all weights.

    graph: one step; its Delays carry wires to the next step, Z_{t+1} = F(X_t, Z_t, W).
    steps: T, if it is to be the same for all sequences. lengths: one more input, integers n (…): after its end the
    states and outputs of a sequence are carried on unchanged, and nothing in the padding gets a gradient or matters.
    last: outputs are those of the last step, (…, event) instead of (…, T, event). truncate: gradients go back through
    at most so many steps, counted from the end, an approximation. hoist: the same machine faster: what depends on
    delayed wires in no way, and what no delay depends on, runs on the whole sequence at once, and the weight gradients
    of all replicas of a Linear in the loop are one product.

    >>> import numpy as np
    >>> from xpnet.machines.graph import Graph
    >>> from xpnet.modules import Plus
    >>> from xpnet.modules.delay import Delay
    >>> graph = Graph()
    >>> x, z = graph.input("x"), graph.wire("z")
    >>> _ = graph(Plus(), x, graph(Delay(1), z), to=z)
    >>> graph.output("z", z)
    >>> numbers, sums = State(np.asarray([[1.0], [2.0], [3.0]], dtype="float32")), State()
    >>> Unfolded(graph).fprop(numbers, sums)
    >>> sums.x.tolist()
    [[1.0], [3.0], [6.0]]
    """

    def __init__(
        self,
        graph: Machine,
        steps: int | None = None,
        *,
        lengths: bool = False,
        last: bool = False,
        truncate: int | None = None,
        hoist: bool = False,
    ) -> None:
        super().__init__(lengths=lengths, last=last, truncate=truncate, hoist=hoist)
        self.graph, self.steps = graph, steps

    def step(self) -> Machine:
        """The graph."""
        return self.graph

    def _form(self, states: Sequence[State]) -> Form:
        form = super()._form(states)
        if self.steps not in (None, form.steps):
            msg = f"this machine is unfolded over {self.steps} steps; got sequences of {form.steps}"
            raise ShapeError(msg)
        return form

    def describe(self) -> str:
        """The graph, and T."""
        return f"{self.graph!r}, steps={self.steps}"


def unfold(graph: Machine, steps: int) -> Unfolded:
    """The acyclic machine of `steps` replicas of the graph, which share their weights; see Unfolded."""
    return Unfolded(graph, steps)
