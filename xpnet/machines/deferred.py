"""Weight gradients of all time steps as one product, instead of one product for each step."""

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar, final

from xpnet._typing import Array
from xpnet.machines.machine import Box, Plan
from xpnet.module import Module
from xpnet.modules.linear import Linear
from xpnet.ops.broadcast import rows
from xpnet.state import State


@final
class InputOnly(Module):
    """A Linear whose backward passes reach its input only; the weights' share is left to Gather."""

    event_ndims: ClassVar[tuple[int | None, ...]] = (1,)

    def __init__(self, linear: Linear) -> None:
        self.linear = linear

    def fprop(self, input: State, output: State) -> None:
        """Y = X Wᵀ + b."""
        self.linear.fprop(input, output)

    def bprop(self, input: State, output: State) -> None:
        """dX += dY W."""
        if not input.fixed:
            input.accumulate(self.linear.ops.linear_vjp_x(output.cotangent, self.linear.weight.x))

    def bbprop(self, input: State, output: State) -> None:
        """ddX += ddY (W∘W)."""
        if not input.fixed:
            input.accumulate_ddx(self.linear.ops.linear_squared_vjp_x(output.curvature, self.linear.weight.x))


@final
class Gather(Module):
    """The weights' share of many replicas of one Linear: dW += Σ_t dY_tᵀ X_t with the rows of all t in one product.

    Its ports are all the replicas' inputs and outputs; it stands before them, so that it runs after them backward.
    """

    variadic: ClassVar[bool] = True

    def __init__(self, linear: Linear) -> None:
        self.linear = linear

    def fprop(self, *states: State) -> None:
        """Nothing: the replicas write the outputs."""

    def bprop(self, *states: State) -> None:
        """dW += Σ_t dY_tᵀ X_t, db += Σ_t Σ dY_t."""
        pairs = [(i.x, o.dx) for i, o in self._pairs(states) if o.dx is not None]
        input, output = self._together(pairs)
        output.accumulate(output.x)
        self.linear.bprop(input, output)

    def bbprop(self, *states: State) -> None:
        """The same through the squares."""
        pairs = [(i.x, o.ddx) for i, o in self._pairs(states) if o.ddx is not None]
        input, output = self._together(pairs)
        output.accumulate_ddx(output.x)
        self.linear.bbprop(input, output)

    def _pairs(self, states: tuple[State, ...]) -> Iterator[tuple[State, State]]:
        half = len(states) // 2
        return zip(states[:half], states[half:], strict=True)

    def _together(self, pairs: list[tuple[Array, Array]]) -> tuple[State, State]:
        xp = self.linear.xp
        x, dy = (xp.concat([rows(xp, array) for array in arrays], axis=0) for arrays in zip(*pairs, strict=True))
        return State(x, fixed=True), State(dy)


def deferred(plan: Plan) -> Plan:
    """The same plan with one weight-gradient product for all replicas of a Linear that stand in a loop over time.

    Replicas are boxes of one name but for the step, "name@t".
    """
    groups: dict[str, list[int]] = {}
    for position, box in enumerate(plan.boxes):
        name, _, step = box.name.rpartition("@")
        if name and step.isdigit() and isinstance(box.module, Linear):
            groups.setdefault(name, []).append(position)
    boxes = list(plan.boxes)
    gathers = []
    for name, positions in groups.items():
        linear = plan.boxes[positions[0]].module
        assert isinstance(linear, Linear)  # noqa: S101
        for position in positions:
            boxes[position] = replace(boxes[position], module=InputOnly(linear))
        replicas = [plan.boxes[position] for position in positions]
        inputs = tuple(box.inputs[0] for box in replicas)
        gathers.append(Box(f"weights of {name}", Gather(linear), inputs, tuple(box.outputs[0] for box in replicas)))
    return replace(plan, boxes=(*gathers, *boxes))
