"""From the plan of one step to the plan of T steps: replicas of the same modules, wired through time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

from xpnet.errors import GraphError
from xpnet.machines.machine import Box, Plan
from xpnet.machines.schedule import When, constant_wires, needed, schedule, wire_leads
from xpnet.module import Module
from xpnet.modules.delay import Delay, Start
from xpnet.modules.lengths import Blank, Hold, Running
from xpnet.modules.stack import Stack, Unstack
from xpnet.state import State


@dataclass(frozen=True)
class Form:
    """How a step is unfolded.

    ndims and leads: of each of the step's inputs, the event axes of one step and the axes before time. lengths: there
    is one more input, the sequences' lengths. last: outputs are those of the last step. truncate: the sequence
    is cut, from its end, into blocks of so many steps, and no gradient crosses a cut: the last step's goes back through
    all of its block, an earlier step's to the start of its own. hoist: what the loop does not need runs outside it.
    """

    steps: int
    ndims: tuple[int, ...]
    leads: tuple[int, ...]
    lengths: bool = False
    last: bool = False
    truncate: int | None = None
    hoist: bool = False


@final
class Cut(Module):
    """Y = X without a gradient back: an approximation by choice, where backprop through time is truncated."""

    def fprop(self, input: State, output: State) -> None:
        """Y = X."""
        output.x = input.x

    def bprop(self, input: State, output: State) -> None:
        """No gradient."""

    def bbprop(self, input: State, output: State) -> None:
        """No second derivative."""


@final
class Unfolding:
    """Builds the plan of T steps; wires of the step are known by their number in the step and the time t."""

    def __init__(self, step: Plan, form: Form, bind: Callable[[Module], Module]) -> None:
        self.step, self.form, self.bind = step, form, bind
        whole = form.hoist and not (form.lengths or form.last)
        self.when = schedule(step, before=form.hoist, after=whole)
        self.constants, self.leads = constant_wires(step), wire_leads(step, form.leads)
        self.delays = [(b.inputs[0], b.outputs[0], b.module) for b in step.boxes if isinstance(b.module, Delay)]
        self.ndims = dict(zip(step.inputs, form.ndims, strict=True))
        self.ndims |= {wire: len(delay.shape) for read, driven, delay in self.delays for wire in (read, driven)}
        self.boxes: list[Box] = []
        self.n_wires = len(step.inputs) + form.lengths
        self.whole = {wire: wire for wire in step.inputs}  # wire of the step -> its sequence, or the constant
        self.single: dict[tuple[int, int], int] = {}  # (wire of the step, t) -> the wire at step t
        self.held: dict[tuple[int, int], int] = {}  # the same, carried on after the end of a sequence
        self.carriers: dict[int, int] = {}
        self.running: Sequence[int] = ()

    def plan(self) -> Plan:
        """The plan of all steps."""
        inputs = tuple(range(self.n_wires))
        if self.form.lengths:
            self._open_lengths()
        self._run_whole(When.ONCE)
        self._run_whole(When.BEFORE)
        for t in range(self.form.steps):
            self._run_step(t)
            self._hold_step(t)
        self._run_whole(When.AFTER)
        outputs = tuple(self._output(wire) for wire in self.step.outputs)
        return Plan(needed(self.boxes, outputs), self.n_wires, inputs, outputs, carriers=self.carriers)

    # --- the three parts -----------------------------------------------------------------------------------

    def _open_lengths(self) -> None:
        lengths = len(self.step.inputs)
        self.running = self._drive("running", Running(self.form.steps), (lengths,), self.form.steps)
        for wire in self.step.inputs:
            if wire not in self.constants:
                (blanked,) = self._drive(f"blank {wire}", Blank(self.ndims[wire]), (wire, lengths))
                self.whole[wire], self.carriers[blanked] = blanked, wire

    def _run_whole(self, when: When) -> None:
        for box in self.step.boxes:
            if self.when[box.name] is when:
                driven = self._add(box.name, box.module, tuple(map(self.all, box.inputs)), len(box.outputs))
                self.whole |= dict(zip(box.outputs, driven, strict=True))

    def _run_step(self, t: int) -> None:
        for box in self.step.boxes:
            if self.when[box.name] is not When.LOOP:
                continue
            if isinstance(box.module, Delay):
                driven: Sequence[int] = (self._delayed(box, box.module, t),)
            else:
                inputs = tuple(self.at(wire, t) for wire in box.inputs)
                driven = self._add(f"{box.name}@{t}", box.module, inputs, len(box.outputs))
            self.single |= {(wire, t): number for wire, number in zip(box.outputs, driven, strict=True)}

    def _delayed(self, box: Box, delay: Delay, t: int) -> int:
        if t == 0 and delay.given:
            return self._given(box)
        if t == 0:
            return self._drive(f"{box.name}@0", Start(delay), ())[0]
        earlier = self.held[box.inputs[0], t - 1] if self.form.lengths else self.at(box.inputs[0], t - 1)
        if self.form.truncate and (self.form.steps - t) % self.form.truncate == 0:
            return self._drive(f"cut {box.name}@{t}", Cut(), (earlier,))[0]
        return earlier

    def _given(self, box: Box) -> int:
        if box.inputs[1] not in self.constants:
            msg = (
                f"the initial state given to {box.name!r} changes over time; give it by an input that does not, "
                "graph.input(name, constant=True)"
            )
            raise GraphError(msg)
        return self.whole[box.inputs[1]]

    def _hold_step(self, t: int) -> None:
        if not self.form.lengths:
            return
        for read, driven, _ in self.delays:
            self.held[read, t] = self._hold(read, t, self.single[driven, t])
        for wire in self.step.outputs:
            if (wire, t) not in self.held and wire not in self.constants:
                self.held[wire, t] = self._hold(wire, t, self.held[wire, t - 1]) if t else self.at(wire, t)

    def _hold(self, wire: int, t: int, earlier: int) -> int:
        inputs = (self.running[t], self.at(wire, t), earlier)
        return self._drive(f"hold {wire}@{t}", Hold(*self._time(wire)), inputs)[0]

    def _output(self, wire: int) -> int:
        if wire in self.constants:
            return self.whole[wire]
        held = self.held if self.form.lengths else self.single
        if self.form.last:
            return held[wire, self.form.steps - 1] if self.form.lengths else self.at(wire, self.form.steps - 1)
        return self._stack(wire, held) if self.form.lengths else self.all(wire)

    # --- wires ---------------------------------------------------------------------------------------------

    def at(self, wire: int, t: int) -> int:
        """The wire at step t; a sequence is taken apart when a step is first asked for."""
        if wire in self.constants:
            return self.whole[wire]
        if (wire, t) not in self.single:
            whole, steps = self.whole[wire], self.form.steps
            driven = self._drive(f"steps of {wire}", Unstack(steps, *self._time(wire)), (whole,), steps)
            self.single |= {(wire, step): number for step, number in enumerate(driven)}
            if (origin := self.carriers.get(whole, whole)) in self.step.inputs:
                self.carriers |= dict.fromkeys(driven, origin)
        return self.single[wire, t]

    def all(self, wire: int) -> int:
        """The wire of all steps; single steps are put together when they are first asked for."""
        if wire not in self.whole:
            self.whole[wire] = self._stack(wire, self.single)
        return self.whole[wire]

    def _stack(self, wire: int, single: dict[tuple[int, int], int]) -> int:
        singles = tuple(single[wire, t] for t in range(self.form.steps))
        return self._drive(f"all of {wire}", Stack(*self._time(wire)), singles)[0]

    def _time(self, wire: int) -> tuple[int, int | None]:
        return (self.ndims[wire], None) if wire in self.ndims else (1, self.leads[wire])

    def _drive(self, name: str, module: Module, inputs: tuple[int, ...], n_outputs: int = 1) -> tuple[int, ...]:
        return self._add(name, self.bind(module), inputs, n_outputs)

    def _add(self, name: str, module: Module, inputs: tuple[int, ...], n_outputs: int) -> tuple[int, ...]:
        driven = tuple(range(self.n_wires, self.n_wires + n_outputs))
        self.n_wires += n_outputs
        self.boxes.append(Box(name, module, inputs, driven))
        return driven
