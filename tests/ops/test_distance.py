"""Half squared distances: single pairs and all pairs, near the origin and far from it, against torch in float64."""

import numpy as np
import pytest

# shapes of x and y; those with one label set take the matrix product
SHAPES = [
    ((4,), (4,)),
    ((3, 4), (3, 4)),
    ((4,), (5, 4)),
    ((3, 1, 4), (5, 4)),
    ((3, 1, 4), (1, 5, 4)),
    ((5, 4), (3, 1, 4)),
    ((1, 5, 4), (3, 1, 4)),
    ((3, 1, 4), (3, 5, 4)),
    ((2, 3, 1, 4), (5, 4)),
    ((3, 1, 4), (1, 1, 5, 4)),
    ((3, 1, 4), (2, 1, 5, 4)),
    ((3, 1, 4), (1, 4)),
    ((1, 1, 4), (5, 4)),
    ((0, 1, 4), (5, 4)),
    ((3, 1, 1), (2, 1)),
]


def held(backend, x):
    return np.asarray(backend.to_numpy(x), np.float64)


@pytest.mark.parametrize("offset", [0.0, 1e3])
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_value_and_gradients_against_torch(backend, close, torch, rng, shapes, offset):
    x, y = (backend.asarray(rng.normal(size=shape) + offset) for shape in shapes)
    tx, ty = (torch.tensor(held(backend, z), requires_grad=True) for z in (x, y))
    wanted = 0.5 * ((tx - ty) ** 2).sum(-1)
    energy = backend.ops.euclidean(x, y)
    close(energy, wanted.detach().numpy(), factor=4)
    cotangent = backend.asarray(rng.normal(size=tuple(wanted.shape)))
    wanted.backward(torch.tensor(held(backend, cotangent)))
    close(backend.ops.euclidean_vjp(cotangent, x, y), tx.grad.numpy(), factor=8)
    close(backend.ops.euclidean_vjp(cotangent, y, x), ty.grad.numpy(), factor=8)


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_second_derivatives(backend, close, torch, rng, shapes):
    x, y = (backend.asarray(rng.normal(size=shape)) for shape in shapes)
    tx, ty = (torch.tensor(held(backend, z)) for z in (x, y))
    dd = backend.asarray(rng.uniform(0.5, 2, size=torch.broadcast_shapes(tx.shape, ty.shape)[:-1]))
    weight = torch.tensor(held(backend, dd))[..., None].expand(*dd.shape, tx.shape[-1])
    # Each replica contributes its own term: a sum over the axes that were broadcast.
    squares = (weight * (tx - ty) ** 2).sum_to_size(tx.shape)
    close(backend.ops.euclidean_squared_vjp(dd, x, y), squares.numpy(), factor=4)
    close(backend.ops.euclidean_curvature(dd, x), weight.sum_to_size(tx.shape).numpy(), factor=4)


@pytest.mark.parametrize("offset", [0.0, 10.0, 1e3, 1e5])
def test_the_product_form_is_centred(rng, offset):
    """Without centring, float32 products at offset 1000 are wrong by whole units."""
    import xpnet as xn

    backend = xn.get_backend("numpy", dtype="float32")
    x, y = (backend.asarray(rng.normal(size=shape) + offset) for shape in ((20, 1, 8), (6, 8)))
    exact = 0.5 * ((x.astype(np.float64) - y.astype(np.float64)) ** 2).sum(-1)
    error = np.abs(backend.ops.euclidean(x, y) - exact).max()
    assert error < 2e-5 * exact.max()


def test_equal_points_cost_nothing_but_rounding(backend):
    y = backend.asarray(np.eye(4) + 100.0)
    energies = held(backend, backend.ops.euclidean(backend.xp.expand_dims(y, axis=1), y))
    np.testing.assert_allclose(energies, 1.0 - np.eye(4), atol=1e-5)
