"""The distance layer is the Euclidean cost against every centre."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import PlacementError, ShapeError


def run(module, x, dy, second=False):
    input, output = xn.State(x), xn.State()
    module.fprop(input, output)
    output.accumulate(dy)
    output.accumulate_ddx(dy)
    module.bprop(input, output)
    module.bbprop(input, output)
    return input, output


def test_energies_are_those_of_the_euclidean_cost(backend, close, rng):
    layer, x = xn.Distance(3, 4).bind(backend), rng.normal(size=(5, 3))
    centres = rng.normal(size=(4, 3))
    layer.centres.x = backend.asarray(centres)
    output, energies = xn.State(), xn.State()
    layer.fprop(xn.State(backend.asarray(x)), output)
    labels = xn.State(backend.asarray(centres))
    xn.Euclidean().bind(backend).fprop(xn.State(backend.asarray(x[:, None, :])), labels, energies)
    close(output.x, 0.5 * ((x[:, None, :] - centres) ** 2).sum(-1), 5)
    np.testing.assert_array_equal(backend.to_numpy(output.x), backend.to_numpy(energies.x))


@pytest.mark.parametrize("lead", [(), (5,), (2, 3)], ids=str)
def test_gradients_against_torch(torch, numpy64, rng, lead):
    layer = xn.Distance(3, 4).bind(numpy64)
    x, dy = rng.normal(size=(*lead, 3)), rng.normal(size=(*lead, 4))
    t, c = torch.tensor(x, requires_grad=True), torch.tensor(layer.centres.x, requires_grad=True)
    (0.5 * ((t[..., None, :] - c) ** 2).sum(-1) * torch.tensor(dy)).sum().backward()
    input, _ = run(layer, x, dy)
    np.testing.assert_allclose(input.dx, t.grad.numpy(), rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(layer.centres.dx, c.grad.numpy(), rtol=1e-11, atol=1e-13)


def test_far_from_the_origin_no_digit_is_lost():
    backend = xn.get_backend("numpy", dtype="float32")
    layer, output = xn.Distance(2, 2).bind(backend), xn.State()
    layer.centres.x = backend.asarray([[1000.0, 1000.0], [1001.0, 1000.0]])
    layer.fprop(xn.State(backend.asarray([[1000.0, 1001.0], [1001.0, 1000.0]])), output)
    np.testing.assert_allclose(output.x, [[0.5, 1.0], [0.5, 0.0]], atol=1e-5)


def test_what_does_not_fit_is_refused(numpy64):
    layer = xn.Distance(3, 4).bind(numpy64)
    with pytest.raises(ShapeError, match=r"last axis 3; got shape \(2,\)"):
        layer.fprop(xn.State(numpy64.zeros((2,))), xn.State())
    with pytest.raises(PlacementError, match=r"centres and input\.x"):
        layer.fprop(xn.State(np.zeros(3, dtype="float32")), xn.State())


def test_second_derivatives_are_those_of_the_euclidean_cost_against_every_centre(backend, close, rng):
    layer = xn.Distance(3, 4)
    xn.ParameterStore(layer, backend)
    x, dy = rng.normal(size=(5, 3)), rng.normal(size=(5, 4))
    input, output = xn.State(backend.asarray(x)), xn.State()
    sample, centres, energy = xn.State(input.x[:, None, :]), xn.State(layer.centres.x), xn.State()
    cost = xn.Euclidean().bind(backend)
    for module, states in ((layer, (input, output)), (cost, (sample, centres, energy))):
        module.fprop(*states)
        states[-1].accumulate(backend.asarray(dy))
        states[-1].accumulate_ddx(backend.zeros((5, 4)))
        module.bprop(*states)
        module.bbprop(*states)
    close(layer.centres.ddx, backend.to_numpy(centres.ddx), 10)
    close(input.ddx, backend.to_numpy(sample.ddx)[:, 0, :], 10)
    assert abs(backend.to_numpy(input.ddx)).max() > 0.01  # the curvature of the energy itself, though ddY is zero
