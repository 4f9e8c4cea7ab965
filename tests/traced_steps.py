"""The three passes of a module as a pure function of arrays, which a compiler may trace."""

import numpy as np

import xpnet as xn
from xpnet.streams import stream
from xpnet.training.twin import unread

LEAD = (2, 3)


def passes(case, backend):
    """(inputs, parameters) -> outputs, and dx and ddx of inputs and parameters; and the arrays to call it with.

    Values are the same on every backend.
    """
    backend = unread(backend)
    module = case.make().bind(backend)
    store = xn.ParameterStore(module, backend, seed=3, layout="leaf")
    inputs = _inputs(case, backend)
    floating = [backend.xp.isdtype(x.dtype, "real floating") for x in inputs]

    def run(*arrays):
        ports = [xn.State(x, fixed=not real) for x, real in zip(arrays[: len(inputs)], floating, strict=True)]
        store.put_arrays(arrays[len(inputs) :])
        outputs = [xn.State() for _ in range(module.n_outputs)]
        module.fprop(*ports, *outputs)
        for k, output in enumerate(outputs):
            output.accumulate(_pattern(backend, output.x.shape, k))
        module.bprop(*ports, *outputs)
        for k, output in enumerate(outputs):
            output.accumulate_ddx(_pattern(backend, output.x.shape, k) ** 2)
        module.bbprop(*ports, *outputs)
        states = [*(port for port in ports if not port.fixed), *(store[name] for name in store)]
        derived = [d for state in states for d in (state.dx, state.ddx) if d is not None]
        return (*(output.x for output in outputs), *derived)

    return run, [*inputs, *store.arrays()]


def _inputs(case, backend):
    drawn = []
    for k, event in enumerate(case.inputs):
        draw = case.draws[k] if case.draws else None
        generator, shape = stream(0, "traced", f"{case.name} {k}"), (*LEAD, *event)
        values = generator.normal(size=shape) if draw is None else np.asarray(draw(generator, shape))
        drawn.append(backend.indices(values) if values.dtype.kind == "i" else backend.asarray(values))
    return drawn


def _pattern(backend, shape, k):
    """A gradient that tells all places apart."""
    count = int(np.prod(shape))
    return backend.asarray(np.sin(1.0 + k + np.arange(count)).reshape(tuple(shape)))
