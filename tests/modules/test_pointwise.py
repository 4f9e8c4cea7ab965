"""Squashers and the rectifier as modules: any shape, also no axis at all."""

import numpy as np
import pytest

import xpnet as xn

FORMULAS = {
    xn.Tanh: np.tanh,
    xn.ScaledTanh: lambda x: 1.7159 * np.tanh(2 * x / 3),
    xn.Sigmoid: lambda x: 1 / (1 + np.exp(-x)),
    xn.Relu: lambda x: np.maximum(x, 0),
}


@pytest.mark.parametrize("kind", FORMULAS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("shape", [(), (3,), (2, 1, 3), (0, 3), (2, 3, 4, 1)], ids=str)
def test_every_component_alone(backend, close, rng, kind, shape):
    host = np.asarray(rng.normal(size=shape)).astype(backend.dtype_name)
    x, y, module = xn.State(backend.asarray(host)), xn.State(), kind()
    module.fprop(x, y)
    close(y.x, FORMULAS[kind](host.astype(np.float64)))
    y.accumulate(backend.ones(shape))
    module.bprop(x, y)
    step = 1e-6
    numeric = (FORMULAS[kind](host.astype(np.float64) + step) - FORMULAS[kind](host.astype(np.float64) - step)) / 2e-6
    np.testing.assert_allclose(backend.to_numpy(x.dx), numeric, atol=1e-5)


def test_repr():
    assert repr(xn.Tanh()) == "Tanh()"
