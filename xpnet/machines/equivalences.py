"""Whether two machines are the same function, forward and backward."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from xpnet._typing import Array, HostArray
from xpnet.errors import ParameterError, ShapeError
from xpnet.module import Module
from xpnet.parameters.parameter import Parameter
from xpnet.state import State
from xpnet.streams import stream

TOLERANCE = {"float64": 1e-9, "float32": 1e-4}  # relative to the largest finite number compared, or to 1 below it

# {a parameter of the first machine: the parameters of the second that stand for it, whose gradients add up}
Correspondence: TypeAlias = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Comparison:
    """One thing that both machines have, such as "dx of input 0", and how far apart they are in it."""

    what: str
    error: float


@dataclass(frozen=True)
class Report:
    """What was compared; true if nothing differs by more than the tolerance."""

    comparisons: tuple[Comparison, ...]
    tolerance: float

    @property
    def error(self) -> float:
        """The largest difference, relative to the largest finite number compared; absolute if all are below 1."""
        return max((comparison.error for comparison in self.comparisons), default=0.0)

    def __bool__(self) -> bool:
        return bool(self.error <= self.tolerance)  # NaN is no equality

    def __str__(self) -> str:
        lines = [f"{'equivalent' if self else 'NOT equivalent'} (tolerance {self.tolerance:g})"]
        return "\n".join([*lines, *(f"  {c.what}: {c.error:.1e}" for c in self.comparisons)])


def equivalent(
    a: Module,
    b: Module,
    *inputs: Array | State,
    parameters: Correspondence | None = None,
    offset: Sequence[Array] | None = None,
    tolerance: float | None = None,
    seed: int = 0,
) -> Report:
    """Compare the outputs of two machines, and the gradients that inputs and parameters get from the same cotangents.

    inputs: arrays, or states where one is to be fixed; integers always are. Machines usually share their parameters,
    and then each shared one is compared; otherwise `parameters` says which names correspond, {"weight": ["0.weight",
    "1.weight"]} meaning the sum of the second machine's gradients. Both must hold the same values. Parameters that only
    one of the machines has are left out.
    offset: what the outputs of `a` exceed those of `b` by, one array for each output, such as a constant.

    Both machines compute with the backend of `a`. Gradients held by parameters are cleared.

    >>> import numpy as np
    >>> from xpnet.machines import Cascade
    >>> from xpnet.modules import Linear, Plus, Tanh
    >>> linear = Linear(3, 2)
    >>> bool(equivalent(Cascade(linear, Tanh()), Cascade(linear, Tanh(), Plus()), np.ones((4, 3), dtype="float32")))
    True
    """
    backend = a.backend
    b.bind(backend)
    runs = [_Run(machine, inputs, seed) for machine in (a, b)]
    if len(runs[0].outputs) != len(runs[1].outputs):
        msg = f"the machines have {len(runs[0].outputs)} and {len(runs[1].outputs)} outputs; equal ones have as many"
        raise ShapeError(msg)
    comparisons = []
    for k, (ours, theirs) in enumerate(zip(runs[0].outputs, runs[1].outputs, strict=True)):
        moved = theirs if offset is None else theirs + backend.to_numpy(backend.asarray(offset[k]))
        comparisons.append(_compared(f"output {k}", ours, moved))
    for k, (ours, theirs) in enumerate(zip(runs[0].dx, runs[1].dx, strict=True)):
        if ours is not None and theirs is not None:
            comparisons.append(_compared(f"dx of input {k}", ours, theirs))
    for name, others in _pairs(a, b, parameters):
        total = sum(runs[1].gradients[other] for other in others[1:]) + runs[1].gradients[others[0]]
        comparisons.append(_compared(f"dx of parameter {name!r}", runs[0].gradients[name], total))
    return Report(tuple(comparisons), TOLERANCE[backend.dtype_name] if tolerance is None else tolerance)


class _Run:
    """One machine's outputs and gradients, on the host."""

    def __init__(self, machine: Module, inputs: Sequence[Array | State], seed: int) -> None:
        backend = machine.backend
        states = [_state(machine, value) for value in inputs]
        outputs = [State() for _ in range(machine.n_outputs)]
        parameters = {name: parameter for name, _, _, parameter in machine.named_parameters()}
        for parameter in parameters.values():
            parameter.clear()
        machine.fprop(*states, *outputs)
        for k, output in enumerate(outputs):
            drawn = stream(seed, "equivalent", k).standard_normal(tuple(output.x.shape))
            output.accumulate(backend.asarray(drawn))
        machine.bprop(*states, *outputs)
        zeros = backend.zeros
        self.outputs = [backend.to_numpy(output.x) for output in outputs]
        self.dx = [_host(machine, state) for state in states]
        self.gradients = {
            name: backend.to_numpy(zeros(p.shape) if p.dx is None else p.dx).copy() for name, p in parameters.items()
        }
        for parameter in parameters.values():
            parameter.clear()


def _state(machine: Module, value: Array | State) -> State:
    backend = machine.backend
    if isinstance(value, State):
        return State(value.x, fixed=value.fixed)
    if "int" in str(getattr(value, "dtype", "")):
        return State(backend.indices(value), fixed=True)
    return State(backend.asarray(value))


def _host(machine: Module, state: State) -> HostArray | None:
    if state.fixed:
        return None
    backend = machine.backend
    return backend.to_numpy(backend.zeros(tuple(state.x.shape)) if state.dx is None else state.dx)


def _pairs(a: Module, b: Module, given: Correspondence | None) -> list[tuple[str, list[str]]]:
    """Names in `a`, each with the names in `b` that stand for the same."""
    ours = {name: parameter for name, _, _, parameter in a.named_parameters()}
    theirs = {name: parameter for name, _, _, parameter in b.named_parameters()}
    if given is None:
        places: dict[int, str] = {id(parameter): name for name, parameter in reversed(theirs.items())}
        return [(name, [places[id(p)]]) for name, p in _distinct(ours).items() if id(p) in places]
    pairs = [(name, [others] if isinstance(others, str) else list(others)) for name, others in given.items()]
    for name, others in pairs:
        for other in others:
            _require_equal(a, (name, ours.get(name)), (other, theirs.get(other)))
    return pairs


def _distinct(parameters: Mapping[str, Parameter]) -> dict[str, Parameter]:
    first: dict[int, str] = {}
    for name, parameter in parameters.items():
        first.setdefault(id(parameter), name)
    return {name: parameters[name] for name in first.values()}


def _require_equal(machine: Module, ours: tuple[str, Parameter | None], theirs: tuple[str, Parameter | None]) -> None:
    if ours[1] is None or theirs[1] is None:
        msg = f"parameters {ours[0]!r} and {theirs[0]!r} are to correspond, but a machine has none of that name"
        raise ParameterError(msg)
    here, there = (machine.backend.to_numpy(parameter.x) for parameter in (ours[1], theirs[1]))
    if here.shape != there.shape or (here != there).any():
        msg = f"parameters {ours[0]!r} and {theirs[0]!r} correspond but hold different values; copy one to the other"
        raise ParameterError(msg)


def _compared(what: str, ours: HostArray, theirs: HostArray) -> Comparison:
    if ours.shape != theirs.shape:
        return Comparison(f"{what} has shapes {ours.shape} and {theirs.shape}", float("inf"))
    same = (ours == theirs) | ((ours != ours) & (theirs != theirs))  # equal infinities are equal
    if same.all():
        return Comparison(what, 0.0)
    scale = max(1.0, *(float(abs(x)[abs(x) < float("inf")].max(initial=0.0)) for x in (ours, theirs)))
    return Comparison(what, float(abs(ours[~same] - theirs[~same]).max()) / scale)
