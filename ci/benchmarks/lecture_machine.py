"""The lecture's machine 784-100-n with tanh: one set of initial parameters for every contestant."""

from typing import Any

import numpy as np

import xpnet as xn

INPUTS, HIDDEN = 784, 100


def initial(outputs: int) -> list[Any]:
    """Weight and bias of the first layer, then of the second."""
    random = np.random.default_rng(0)
    shapes = ((HIDDEN, INPUTS), (HIDDEN,), (outputs, HIDDEN), (outputs,))
    return [(random.standard_normal(shape) / np.sqrt(shape[-1])).astype(np.float32) for shape in shapes]


def xpnet_trainer(backend: Any, outputs: int) -> Any:
    """The public trainer of that machine, squared Euclidean cost, holding those parameters."""
    machine = xn.Cascade(xn.Linear(INPUTS, HIDDEN), xn.Tanh(), xn.Linear(HIDDEN, outputs))
    param = xn.ParameterStore(machine, backend=backend, seed=0)
    values = {array.shape: array for array in initial(outputs)}  # no two parameters have the same shape
    param.load_state_dict({name: values[old.shape] for name, old in param.state_dict().items()})
    return xn.SimpleTrainer(machine, xn.Euclidean(), param)
