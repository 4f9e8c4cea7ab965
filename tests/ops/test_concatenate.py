"""Concatenation with broadcast lead axes, against NumPy."""

import numpy as np
import pytest


@pytest.mark.parametrize(
    ("shapes", "lead"),
    [
        ([(2,), (3,)], ()),
        ([(4, 2), (4, 3), (4, 1)], (4,)),
        ([(4, 1, 2), (5, 3)], (4, 5)),
        ([(2,), (4, 3)], (4,)),
        ([(0, 2), (0, 3)], (0,)),
        ([(4, 2)], (4,)),
    ],
    ids=str,
)
def test_values_and_slices(backend, close, rng, shapes, lead):
    host = [rng.normal(size=shape).astype(backend.dtype_name) for shape in shapes]
    joined = backend.ops.concatenate([backend.asarray(part) for part in host])
    close(joined, np.concatenate([np.broadcast_to(part, (*lead, part.shape[-1])) for part in host], axis=-1))
    pieces = backend.ops.concatenate_vjp(joined, [shape[-1] for shape in shapes])
    for piece, part in zip(pieces, host, strict=True):
        close(piece, np.broadcast_to(part, (*lead, part.shape[-1])))
