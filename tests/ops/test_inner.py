"""The negative inner product: one matrix product or a broadcast one, the same numbers."""

import numpy as np
import pytest

from xpnet.ops.inner import inner, inner_squared_vjp, inner_vjp

SHAPES = [
    ((3,), (3,)),
    ((4, 1, 3), (5, 3)),
    ((4, 1, 3), (1, 5, 3)),
    ((5, 3), (4, 1, 3)),
    ((4, 1, 3), (4, 5, 3)),
    ((2, 4, 1, 3), (5, 3)),
    ((4, 1, 3), (1, 3)),
    ((1, 1, 3), (5, 3)),
    ((4, 1, 3), (1, 1, 5, 3)),
    ((3,), (5, 3)),
    ((4, 1, 1, 3), (5, 1, 3)),
]


@pytest.mark.parametrize(("left", "right"), SHAPES)
def test_against_sums_over_broadcast_products(rng, left, right):
    x, y = rng.normal(size=left), rng.normal(size=right)
    wide = np.broadcast_shapes(left, right)
    energies = inner(np, x, y)
    assert energies.shape == wide[:-1]
    np.testing.assert_allclose(energies, -np.sum(x * y, axis=-1), rtol=1e-12, atol=1e-14)
    de = rng.normal(size=energies.shape)
    for pulled, other in ((inner_vjp(np, de, x, y), y), (inner_squared_vjp(np, de, x, y), -(y**2))):
        np.testing.assert_allclose(pulled, -summed(de[..., None] * other, left, wide), rtol=1e-12, atol=1e-14)
    for pulled, other in ((inner_vjp(np, de, y, x), x), (inner_squared_vjp(np, de, y, x), -(x**2))):
        np.testing.assert_allclose(pulled, -summed(de[..., None] * other, right, wide), rtol=1e-12, atol=1e-14)


def summed(values, shape, wide):
    """Σ over the axes along which `shape` was broadcast."""
    whole = np.broadcast_to(values, wide)
    padded = (1,) * (len(wide) - len(shape)) + tuple(shape)
    axes = tuple(axis for axis, (a, b) in enumerate(zip(padded, wide, strict=True)) if a == 1 and b > 1)
    return whole.sum(axis=axes, keepdims=True).reshape(shape)


def test_a_batch_meets_a_label_set_in_one_product(monkeypatch, rng):
    calls = []
    monkeypatch.setattr(np, "matmul", lambda a, b, of=np.matmul: calls.append((a.shape, b.shape)) or of(a, b))
    inner(np, rng.normal(size=(4, 1, 3)), rng.normal(size=(5, 3)))
    assert calls == [((4, 3), (3, 5))]


def test_a_label_set_meets_samples_of_any_number_of_lead_axes(backend, close, rng):
    x, y, de = rng.normal(size=(2, 3, 1, 4)), rng.normal(size=(5, 4)), rng.normal(size=(2, 3, 5))
    x_, y_, de_ = map(backend.asarray, (x, y, de))
    close(backend.ops.inner(x_, y_), -np.einsum("abcd,kd->abk", x, y), factor=4)
    close(backend.ops.inner_vjp(de_, x_, y_), -np.einsum("abk,kd->abd", de, y)[:, :, None, :], factor=4)
    close(backend.ops.inner_vjp(de_, y_, x_), -np.einsum("abk,abcd->kd", de, x), factor=4)
