"""Pieces of sequences against NumPy slices."""

import numpy as np
import pytest


@pytest.mark.parametrize(("axis", "shape"), [(-2, (3, 5, 2)), (-1, (3, 5))])
def test_steps_and_their_pullback(backend, close, rng, axis, shape):
    x = rng.normal(size=shape).astype(backend.dtype_name)
    held = backend.asarray(x)
    y = backend.ops.steps(held, 1, 3, axis)
    close(y, x[:, 1:4])
    wanted = np.zeros(shape)
    wanted[:, 1:4] = x[:, 1:4]
    close(backend.ops.steps_vjp(y, 1, 5, axis), wanted)


def test_join_and_its_pullback(backend, close, rng):
    parts = [rng.normal(size=shape).astype(backend.dtype_name) for shape in ((4, 1, 2, 3), (5, 1, 3), (3, 3))]
    joined = backend.ops.join([backend.asarray(part) for part in parts])
    spread = [np.broadcast_to(part, (4, 5, *part.shape[-2:])) for part in parts]
    close(joined, np.concatenate(spread, axis=-2))
    for piece, wanted in zip(backend.ops.join_vjp(joined, [2, 1, 3]), spread, strict=True):
        close(piece, wanted)
