"""The energy of a machine as a function of one of its inputs, for many replicas at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import final

from xpnet._typing import Array
from xpnet.errors import GraphError, ShapeError
from xpnet.machines.machine import Box, Plan
from xpnet.machines.schedule import inlined
from xpnet.machines.separated import separated
from xpnet.module import Module, require_module
from xpnet.state import State


@dataclass(frozen=True)
class Point:
    """Where every replica stands: value (..., n), events as vectors; energy (...); slope dE/dvalue (..., n)."""

    value: Array
    energy: Array
    slope: Array


@final
class Landscape:
    """E as a function of the input that is None; the other inputs stay fixed, and what depends on them alone runs once.

    inputs: arrays in the order of the machine's inputs, or States whose values enter as they are (integers, say).
    event: the shape of one value of the searched input.
    """

    def __init__(self, machine: Module, inputs: Sequence[Array | State | None], event: tuple[int, ...]) -> None:
        self.position = searched(machine, inputs)
        self.event, self.backend, self.xp = tuple(event), machine.backend, machine.backend.xp
        ends = tuple(range(len(inputs))), (len(inputs),)
        whole = Plan((Box("machine", machine, *ends),), len(inputs) + 1, *ends)
        parts = separated(inlined(whole), [self.position])
        for part in (parts.early, parts.late):
            if part is not None:
                part.bind(self.backend)
        wires = {wire: State(self._placed(given), fixed=True) for wire, given in enumerate(inputs) if given is not None}
        wires |= {wire: State(fixed=True) for wire in parts.kept}
        if parts.early is not None:
            parts.early.fprop(*(wires[wire] for wire in (*parts.early_inputs, *parts.kept)))
        self._machine, self._wires, self._reads = parts.late, wires, parts.late_inputs

    def at(self, value: Array) -> Point:
        """Energies and slopes at these values (..., n); where one is not finite, energy +∞ and slope 0."""
        xp = self.xp
        state, energy = self._fprop(value)
        if tuple(energy.x.shape) != tuple(value.shape[:-1]):
            msg = (
                f"descent needs one energy for each of the values {tuple(state.x.shape)}, so shape "
                f"{tuple(value.shape[:-1])}; the machine gave {tuple(energy.x.shape)}. Let it end in a cost"
            )
            raise ShapeError(msg)
        energy.accumulate(self.backend.ones(energy.x.shape))
        self._machine.bprop(*self._ports(state), energy)
        if state.dx is None:
            msg = f"no gradient of the energy came back to input {self.position}; descent needs an energy that reads it"
            raise GraphError(msg)
        slope = xp.reshape(state.dx, value.shape)
        finite = xp.isfinite(energy.x) & xp.all(xp.isfinite(slope), axis=-1)
        return Point(value, xp.where(finite, energy.x, xp.inf), xp.where(finite[..., None], slope, 0.0))

    def replicas(self, value: Array) -> Array:
        """These values (..., n), one for each energy that they give together with the fixed inputs."""
        lead = tuple(self._fprop(value)[1].x.shape)
        return self.xp.broadcast_to(value, (*lead, value.shape[-1]))

    def flat(self, value: Array) -> Array:
        """(..., *event) as vectors (..., n)."""
        lead = tuple(value.shape[: value.ndim - len(self.event)])
        return self.xp.reshape(value, (*lead, prod(self.event)))

    def shaped(self, value: Array) -> Array:
        """Vectors (..., n) as (..., *event)."""
        return self.xp.reshape(value, (*value.shape[:-1], *self.event))

    def _fprop(self, value: Array) -> tuple[State, State]:
        state, energy = State(self.shaped(value)), State()
        self._machine.fprop(*self._ports(state), energy)
        return state, energy

    def _ports(self, state: State) -> list[State]:
        return [state if wire == self.position else self._wires[wire] for wire in self._reads]

    def _placed(self, given: Array | State) -> Array:
        return given.x if isinstance(given, State) else self.backend.asarray(given)


def searched(machine: Module, inputs: Sequence[Array | State | None]) -> int:
    """Which input is None; GraphError or ShapeError unless it is one input of a machine with one output."""
    require_module(machine, "what inference descends on")
    if machine.n_outputs != 1:
        msg = f"descent needs a machine with one output, its energy; {type(machine).__name__} has {machine.n_outputs}"
        raise GraphError(msg)
    if not machine.variadic and len(inputs) != len(machine.event_ndims):
        msg = (
            f"{type(machine).__name__} has {len(machine.event_ndims)} inputs; got {len(inputs)}. Give one array for "
            "each, and None in the place of the one that is searched for"
        )
        raise ShapeError(msg)
    missing = [position for position, given in enumerate(inputs) if given is None]
    if len(missing) != 1:
        msg = (
            f"descent searches for one input, the one given as None; {len(missing)} of {len(inputs)} are None. "
            "Search for one and fix the others, or wire a machine that takes them as one"
        )
        raise ShapeError(msg)
    return missing[0]


def event_ndim_of(machine: Module, position: int) -> int:
    """How many event axes this input has; ShapeError if the machine does not say."""
    ndims = machine.event_ndims
    found = ndims[0 if machine.variadic else position]
    if found is None:
        msg = (
            f"input {position} of {type(machine).__name__} may have any number of event axes; say how many belong to "
            "one value: descend(..., event_ndim=1) for vectors"
        )
        raise ShapeError(msg)
    return found
