"""Learning, and the three passes over the probe batch: every number that places are compared by."""

from collections.abc import Callable
from functools import partial

import numpy as np

import xpnet as xn
from portability_table.course import Course
from xpnet._typing import Array, HostArray
from xpnet.backend import Backend
from xpnet.state import State

KINDS = ("x", "dx", "ddx", "parameters")
Numbers = dict[str, dict[str, HostArray]]  # of each kind: arrays by name, float64


def learn(course: Course, updates: int, after: Callable[[Course], None] | None = None) -> None:
    """So many updates, compiled where the backend's own training compiles them unasked."""
    compiled = course.traceable and course.store.backend.capture_pays
    learner = xn.capture(course.trainer) if compiled else course.trainer
    for update in range(updates):
        learner.learn_sample(**course.step(update))
        if after is not None:
            after(course)


def rounded_to_float32(course: Course) -> None:
    """Every parameter as float32 would have kept it."""
    values = course.store.state_dict()
    course.store.load_state_dict({name: value.astype(np.float32).astype(value.dtype) for name, value in values.items()})


def numbers(course: Course) -> Numbers:
    """Outputs, gradients and second derivatives of the probe batch, and the parameters."""
    store, backend = course.store, course.store.backend
    with backend.device_scope():
        store.clear()
        inputs, outputs = _probed(course)
        ends = {f"input {k}": state for k, state in enumerate(inputs) if not state.fixed}
        ends |= {f"parameter {name}": store[name] for name in store}
        found = {
            "x": {f"output {k}": state.x for k, state in enumerate(outputs)},
            "dx": {name: state.dx for name, state in ends.items()},
            "ddx": {name: state.ddx for name, state in ends.items()},
            "parameters": {name: store[name].x for name in store},
        }
        return {kind: {name: _host(backend, x) for name, x in arrays.items()} for kind, arrays in found.items()}


def _probed(course: Course) -> tuple[list[State], list[State]]:
    backend, machine = course.store.backend, course.probe.bind(course.store.backend)
    inputs = [_input(backend, values) for values in course.given]
    outputs = [State() for _ in range(machine.n_outputs)]
    machine.fprop(*inputs, *outputs)
    _start(outputs, partial(pattern, backend), State.accumulate)
    machine.bprop(*inputs, *outputs)
    _start(outputs, lambda shape: pattern(backend, shape) ** 2, State.accumulate_ddx)
    machine.bbprop(*inputs, *outputs)
    return inputs, outputs


def _start(
    outputs: list[State], make: Callable[[tuple[int, ...]], Array], give: Callable[[State, Array], None]
) -> None:
    for output in outputs:
        give(output, make(tuple(output.x.shape)))


def _input(backend: Backend, values: HostArray) -> State:
    whole = values.dtype.kind == "i"
    return State(backend.indices(values) if whole else backend.asarray(values), fixed=whole)


def pattern(backend: Backend, shape: tuple[int, ...]) -> Array:
    """A gradient between 1/2 and 3/2 that tells all places apart."""
    count = int(np.prod(shape))
    return backend.asarray((1 + np.sin(1.0 + np.arange(count)) / 2).astype(np.float32).reshape(shape))


def _host(backend: Backend, x: Array | None) -> HostArray:
    if x is None:
        return np.zeros(())
    return np.asarray(backend.to_numpy(x), np.float64)
