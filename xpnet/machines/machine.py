"""What all containers share: running wired modules forward and backward over inner states."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, final

from xpnet.backend import on_its_device
from xpnet.errors import ShapeError
from xpnet.module import Module
from xpnet.state import State


@dataclass(frozen=True)
class Box:
    """One module in its place: its name and the numbers of the wires it reads and writes."""

    name: str
    module: Module
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    @cached_property
    def ports(self) -> tuple[int, ...]:
        """Inputs, then outputs: the order of every pass's arguments."""
        return self.inputs + self.outputs


@dataclass(frozen=True)
class Plan:
    """Boxes in an order in which each one's inputs are ready; wires are numbered, the machine's inputs first.

    recurrent: some wires are driven by a Delay and ready before its input is; such a plan is one step of a sequence,
    and is run unfolded in time. constants: inputs that are the same at every step. carriers: inner wires that carry
    no gradient if the input they come from is fixed, and which input that is.
    """

    boxes: tuple[Box, ...]
    n_wires: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    recurrent: bool = False
    constants: tuple[int, ...] = ()
    carriers: Mapping[int, int] = field(default_factory=dict)


class Machine(Module):
    """A module made of modules. Its inner wires stay with its first output state, so it may stand in many places.

    fprop makes fresh inner wires. bprop clears them first, hands each output's dx in, and runs the boxes backward;
    boxes whose outputs got no gradient are passed over.
    """

    over_time: ClassVar[bool] = False  # whether the plan depends on the length of a sequence

    @abstractmethod
    def plan(self) -> Plan:
        """The boxes in order."""

    def plan_for(self, states: Sequence[State]) -> Plan:
        """The plan for these inputs and outputs; unlike `plan`, it may depend on their shapes."""
        return self.plan()

    def children(self) -> Iterator[tuple[str, Module]]:
        """The boxes' modules by name; a module that stands in several places appears in each."""
        for box in self.plan().boxes:
            yield box.name, box.module

    @property
    def event_ndims(self) -> tuple[int | None, ...]:  # type: ignore[override]
        """For each input, the event axes of the first module that says how many it takes."""
        plan = self.plan()
        return tuple(self._event_ndim(plan, wire) for wire in plan.inputs)

    @property
    def n_outputs(self) -> int:  # type: ignore[override]
        """How many outputs the wiring has."""
        return len(self.plan().outputs)

    def takes_symbols(self, port: int) -> bool:
        """Whether a module that reads this input does."""
        plan = self.plan()
        wire = plan.inputs[port]
        return any(
            box.module.takes_symbols(position)
            for box in plan.boxes
            for position, read in enumerate(box.inputs)
            if read == wire and not box.module.variadic
        )

    def _event_ndim(self, plan: Plan, wire: int) -> int | None:
        for box in plan.boxes:
            for port, read in enumerate(box.inputs):
                ndims = box.module.event_ndims
                found = ndims[0 if box.module.variadic else port] if read == wire else None
                if read == wire and (found is None or box.module.symbols) and len(box.outputs) == 1:
                    behind = self._event_ndim(plan, box.outputs[0])
                    # Symbols have one axis less than the vectors that they become.
                    found = behind if found is None else max((behind or 1) - 1, 0)
                if found is not None:
                    return found
        return None

    @final
    @on_its_device
    def fprop(self, *states: State) -> None:
        """Run every box in order."""
        plan = self.plan_for(states)
        inputs, outputs = self._split(plan, states)
        bound = vars(self).get("backend")
        for state in inputs:
            if bound is not None and state.x is not None:
                bound.require_own(state.x, type(self).__name__)
        wires = [*inputs, *(State() for _ in range(plan.n_wires - len(inputs)))]
        for wire, input in plan.carriers.items():
            if inputs[input].fixed:
                wires[wire] = State(fixed=True)
        self._run("fprop", plan.boxes, wires)
        for output, wire in zip(outputs, plan.outputs, strict=True):
            output.x = wires[wire].x
        outputs[0].inner = wires

    @final
    @on_its_device
    def bprop(self, *states: State) -> None:
        """Run every box backward, from the gradients of the outputs."""
        plan = self.plan_for(states)
        inputs, outputs = self._split(plan, states)
        wires = self.wires(outputs[0])
        for inner in wires[len(inputs) :]:
            inner.clear()
        for output, wire in zip(outputs, plan.outputs, strict=True):
            if output.dx is not None:
                wires[wire].accumulate(output.dx)
        self._run("bprop", plan.boxes[::-1], wires)

    @final
    @on_its_device
    def bbprop(self, *states: State) -> None:
        """Run every box backward once more, for second derivatives."""
        plan = self.plan_for(states)
        inputs, outputs = self._split(plan, states)
        wires = self.wires(outputs[0])
        for inner in wires[len(inputs) :]:
            inner.ddx = None
        for output, wire in zip(outputs, plan.outputs, strict=True):
            if output.ddx is not None:
                wires[wire].accumulate_ddx(output.ddx)
        self._run("bbprop", plan.boxes[::-1], wires)

    def wires(self, output: State) -> list[State]:
        """The wires of the pass that wrote `output` (the machine's first output), the machine's inputs first."""
        if not isinstance(output.inner, list):
            msg = f"{type(self).__name__} has no wires for this output: run its fprop with this very state first"
            raise ShapeError(msg)
        return output.inner

    def _run(self, name: str, boxes: Sequence[Box], wires: list[State]) -> None:
        backward = name != "fprop"
        box = None
        try:
            for box in boxes:
                if backward and not any(_reached(wires[wire]) for wire in box.outputs):
                    continue
                getattr(box.module, name)(*[wires[wire] for wire in box.ports])
        except Exception as error:
            if box is None:
                raise
            where = self._where(name, box, wires)
            if isinstance(error, AttributeError | TypeError) and any(wires[wire].x is None for wire in box.inputs):
                msg = f"an input state has no value yet; give it one, State(x), before fprop: {where}"
                raise ShapeError(msg) from error
            error.add_note(where)
            raise

    def _where(self, name: str, box: Box, wires: list[State]) -> str:
        shapes = ", ".join("empty" if wires[wire].x is None else str(tuple(wires[wire].x.shape)) for wire in box.inputs)
        kind = type(box.module).__name__
        return f"in {name} of {box.name!r} ({kind}) of {type(self).__name__}; input shapes: {shapes}"

    def _split(self, plan: Plan, states: Sequence[State]) -> tuple[Sequence[State], Sequence[State]]:
        expected = len(plan.inputs) + len(plan.outputs)
        if len(states) != expected:
            msg = (
                f"{type(self).__name__} expects {len(plan.inputs)} input and {len(plan.outputs)} output states; "
                f"got {len(states)} states in all"
            )
            raise ShapeError(msg)
        return states[: len(plan.inputs)], states[len(plan.inputs) :]


def _reached(wire: State) -> bool:
    return wire.dx is not None or wire.ddx is not None
