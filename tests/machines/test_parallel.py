"""Machines of equal structure as one batched evaluation: equal to one by one, and refused where they differ."""

from copy import deepcopy

import machine_cases
import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import GraphError
from xpnet.machines.parallel import Parallel

MAKE = {
    "a leaf": lambda: xn.Linear(3, 2),
    "cascades": machine_cases.net,
    "graphs": machine_cases.branched,
    "nested": lambda: xn.Cascade(xn.Linear(3, 4), xn.Cascade(xn.Relu(), xn.Linear(4, 4)), xn.Linear(4, 2, bias=False)),
}


@pytest.mark.parametrize("make", MAKE.values(), ids=MAKE)
@pytest.mark.parametrize("lead", [(), (5,), (2, 1, 3)], ids=str)
def test_all_passes_equal_those_of_the_machines_one_by_one(numpy64, rng, make, lead):
    together = Parallel([make() for _ in range(4)])
    store = xn.ParameterStore(together, numpy64)
    apart = [deepcopy(machine) for machine in together.modules]
    x, dy = rng.normal(size=(*lead, 3)), rng.normal(size=(*lead, 4, 2))
    input, output = machine_cases.passes(together, x, dy)
    dx = ddx = 0.0
    for k, machine in enumerate(apart):
        one, out = machine_cases.passes(machine, x, dy[..., k, :])
        dx, ddx = dx + one.dx, ddx + one.ddx
        np.testing.assert_allclose(output.x[..., k, :], out.x, rtol=1e-12)
        for name, _, _, parameter in machine.named_parameters():
            np.testing.assert_allclose(store[f"{k}.{name}"].dx, parameter.dx, rtol=1e-10, atol=1e-13)
            np.testing.assert_allclose(store[f"{k}.{name}"].ddx, parameter.ddx, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(input.dx, dx, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(input.ddx, ddx, rtol=1e-10, atol=1e-13)


def test_a_module_that_all_share_stays_one(backend, rng):
    encoder = xn.Linear(3, 4)
    together = Parallel([xn.Cascade(encoder, xn.Tanh(), xn.Linear(4, 2)) for _ in range(3)])
    store = xn.ParameterStore(together, backend)
    assert store.names == ["0.0.weight", "0.0.bias", "0.2.weight", "0.2.bias"] + [
        f"{k}.2.{part}" for k in (1, 2) for part in ("weight", "bias")
    ]
    _, output = machine_cases.passes(together, backend.asarray(rng.normal(size=(5, 3))), backend.ones((5, 3, 2)))
    assert output.x.shape == (5, 3, 2)
    assert encoder.weight.dx.shape == (4, 3)


class Scaled(xn.Module):
    """Y = c X: no parameters, but settings."""

    def __init__(self, factor):
        self.factor = factor

    def fprop(self, input, output):
        output.x = self.factor * input.x

    def bprop(self, input, output):
        input.accumulate(self.factor * output.cotangent)

    def bbprop(self, input, output):
        input.accumulate_ddx(self.factor**2 * output.curvature)


@pytest.mark.parametrize(
    "modules",
    [
        [xn.Linear(3, 2), xn.Tanh()],
        [xn.Cascade(xn.Linear(3, 2)), xn.Cascade(xn.Linear(3, 2), xn.Tanh())],
        [xn.Rbf(3, 2), xn.Rbf(3, 2)],
        [Scaled(1.0), Scaled(2.0)],
        [Scaled(np.ones(3)), Scaled(np.ones(3))],
        [xn.Softmax(1.0), xn.Softmax(2.0)],
        [xn.Euclidean(), xn.Euclidean()],
        [],
    ],
    ids=["types", "lengths", "no batched form", "settings", "arrays as settings", "β", "two inputs", "none"],
)
def test_what_has_no_batched_form_is_refused(modules):
    with pytest.raises(GraphError):
        Parallel(modules)


def test_equal_settings_are_one_function(numpy64):
    output = xn.State()
    Parallel([xn.Cascade(xn.Linear(3, 2), Scaled(2.0)) for _ in range(3)]).fprop(xn.State(np.ones(3)), output)
    assert output.x.shape == (3, 2)
