"""The clauses of a module's contract; each takes a trial and yields (what, expected, got) to be compared."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from xpnet._typing import HostArray
from xpnet.errors import ContractError
from xpnet.state import State
from xpnet.testing.oracle import discrete
from xpnet.testing.trial import Trial

Comparison: TypeAlias = tuple[str, HostArray, HostArray | None]
Clause: TypeAlias = Callable[[Trial], Iterator[Comparison]]


def fprop_writes_outputs(trial: Trial) -> Iterator[Comparison]:
    """fprop writes every output's x, with the values of float64 and the dtype and device of the inputs."""
    inputs, placed = trial.states(), trial.backend.zeros(())
    for k, (output, expected) in enumerate(zip(trial.fprop(inputs), trial.outputs, strict=True)):
        if output.x is None:
            yield f"x of output {k}", expected, None
            continue
        trial.backend.require_same_placement(placed, output.x, f"the inputs and output {k}")
        yield f"x of output {k}", expected, trial.host(output.x)


def fprop_leaves_inputs(trial: Trial) -> Iterator[Comparison]:
    """No pass writes x of an input or a parameter, nor does fprop touch their gradients."""
    inputs = trial.states()
    arrays = [state.x for state in inputs]
    outputs = trial.fprop(inputs)
    if any(state.dx is not None for state in inputs):
        msg = "fprop accumulated a gradient; only bprop may"
        raise ContractError(msg)
    trial.seed_outputs(outputs)
    trial.module.bprop(*inputs, *outputs)
    trial.module.bbprop(*inputs, *outputs)
    trial.store.clear()
    for k, (state, array) in enumerate(zip(inputs, arrays, strict=True)):
        if state.x is not array:
            msg = f"x of input {k} was rebound; a pass may only read its inputs"
            raise ContractError(msg)
        yield f"x of input {k} after all passes", trial.inputs[k], trial.host(array)
    for name, value in trial.values.items():
        yield f"x of parameter {name!r} after all passes", value, trial.host(trial.store[name].x)


def bprop_is_derivative(trial: Trial) -> Iterator[Comparison]:
    """bprop gives inputs and parameters the derivative of this very fprop, summed over replicas."""
    got = trial.derivatives(trial.run())
    trial.store.clear()
    for name, expected, dx in zip(trial.names, trial.expected_dx, got, strict=True):
        yield f"dx of {name}", expected, dx


def bbprop_is_squared_jacobian(trial: Trial) -> Iterator[Comparison]:
    """bbprop gives diag(Jᵀ diag(ddx) J), a cost its own curvature times energy.dx in addition."""
    got = trial.derivatives(trial.run(second=True), "ddx")
    trial.store.clear()
    for name, expected, ddx in zip(trial.names, trial.expected_ddx, got, strict=True):
        yield f"ddx of {name}", expected, ddx


def derivatives_stay_in_place(trial: Trial) -> Iterator[Comparison]:
    """dx and ddx of inputs and parameters have the dtype and device of their x."""
    inputs = trial.run(second=True)
    states = [*inputs, *(trial.store[name] for name in trial.values)]
    for name, state in zip(trial.names, states, strict=True):
        for kind in ("dx", "ddx"):
            if (found := getattr(state, kind)) is not None:
                trial.backend.require_same_placement(state.x, found, f"x and {kind} of {name}")
    trial.store.clear()
    yield from ()


def passes_accumulate(trial: Trial) -> Iterator[Comparison]:
    """bprop and bbprop twice after one fprop give inputs and parameters twice as much."""
    inputs = trial.states()
    outputs = trial.fprop(inputs)
    trial.seed_outputs(outputs)
    for _ in range(2):
        trial.module.bprop(*inputs, *outputs)
    for _ in range(2):
        trial.module.bbprop(*inputs, *outputs)
    dx, ddx = trial.derivatives(inputs), trial.derivatives(inputs, "ddx")
    trial.store.clear()
    for k, name in enumerate(trial.names):
        yield f"dx of {name} after two bprops", 2 * trial.expected_dx[k], dx[k]
        yield f"ddx of {name} after two bbprops", 2 * trial.expected_ddx[k], ddx[k]


def fan_out_sums(trial: Trial) -> Iterator[Comparison]:
    """A wire that already holds a gradient keeps it; the module adds its own."""
    inputs = trial.states()
    outputs = trial.fprop(inputs)
    earlier = {k: trial.draw(trial.shapes[k]) for k, state in enumerate(inputs) if not state.fixed}
    for k, dx in earlier.items():
        inputs[k].accumulate(trial.backend.asarray(dx))
    trial.seed_outputs(outputs)
    trial.module.bprop(*inputs, *outputs)
    got = trial.derivatives(inputs)
    trial.store.clear()
    for k, dx in earlier.items():
        yield f"dx of input {k} that held a gradient before", dx + trial.expected_dx[k], got[k]


def module_holds_no_values(trial: Trial) -> Iterator[Comparison]:
    """One module in two places: the second fprop changes nothing for the first, parameters sum both."""
    first, second = trial.states(), trial.states(trial.other_inputs())
    first_outputs = trial.fprop(first)
    trial.fprop(second)
    trial.seed_outputs(first_outputs)
    trial.module.bprop(*first, *first_outputs)
    trial.run(trial.states())
    got = trial.derivatives(first)
    trial.store.clear()
    for k, name in enumerate(trial.names):
        times = 1 if k < len(first) else 2
        yield f"dx of {name} with the module in several places", times * trial.expected_dx[k], got[k]


def strides_do_not_matter(trial: Trial) -> Iterator[Comparison]:
    """Non-contiguous inputs give the same derivatives."""
    got = trial.derivatives(trial.run(trial.states(spread=True)))
    trial.store.clear()
    for name, expected, dx in zip(trial.names, trial.expected_dx, got, strict=True):
        yield f"dx of {name} from non-contiguous inputs", expected, dx


def fixed_inputs_take_nothing(trial: Trial) -> Iterator[Comparison]:
    """Fixed inputs get no gradient; the parameters' gradients are the same as ever."""
    inputs = trial.run(trial.states(fixed=True), second=True)
    got, second = trial.derivatives(inputs), trial.derivatives(inputs, "ddx")
    trial.store.clear()
    if any(state.dx is not None or state.ddx is not None for state in inputs):
        msg = "a fixed input received a gradient"
        raise ContractError(msg)
    for k in range(len(inputs), len(trial.names)):
        yield f"dx of {trial.names[k]} with fixed inputs", trial.expected_dx[k], got[k]
        yield f"ddx of {trial.names[k]} with fixed inputs", trial.expected_ddx[k], second[k]


def one_wire_may_feed_two_ports(trial: Trial) -> Iterator[Comparison]:
    """The same state on several ports gets the sum of their gradients; discrete ports keep their own."""
    ports = [k for k, value in enumerate(trial.inputs) if not discrete(value)]
    if len(ports) < 2 or len({(trial.shapes[k], trial.draws[k]) for k in ports}) != 1:
        return
    value = trial.inputs[ports[0]]
    expected = trial.expected_dx_at([value if k in ports else other for k, other in enumerate(trial.inputs)])
    shared, inputs = State(trial.backend.asarray(value)), trial.states()
    trial.run([shared if k in ports else state for k, state in enumerate(inputs)])
    trial.store.clear()
    yield "dx of one wire on all ports", sum(expected[k] for k in ports), trial.host(shared.cotangent)


CLAUSES: tuple[Clause, ...] = (
    fprop_writes_outputs,
    fprop_leaves_inputs,
    bprop_is_derivative,
    bbprop_is_squared_jacobian,
    derivatives_stay_in_place,
    passes_accumulate,
    fan_out_sums,
    module_holds_no_values,
    strides_do_not_matter,
    fixed_inputs_take_nothing,
    one_wire_may_feed_two_ports,
)
