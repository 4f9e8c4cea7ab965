"""Weighted sums against NumPy's einsum, for vectors, numbers and matrices."""

import numpy as np
import pytest


@pytest.mark.parametrize("event", [(), (4,), (2, 3)], ids=str)
def test_weighted_sum_and_its_pullbacks(backend, close, rng, event):
    u, parts, dy = rng.normal(size=(5, 3)), rng.normal(size=(3, 5, *event)), rng.normal(size=(5, *event))
    ours = [backend.asarray(part) for part in parts]
    n = len(event)
    close(backend.ops.weighted_sum(backend.asarray(u), ours, n), np.einsum("bk,kb...->b...", u, parts), 3)
    close(
        backend.ops.weighted_sum_vjp_weights(backend.asarray(dy), ours, n),
        np.stack([(dy * part).reshape(5, -1).sum(-1) for part in parts], -1),
        3,
    )
    close(
        backend.ops.weighted_sum_squared_vjp_weights(backend.asarray(dy), ours, n),
        np.stack([(dy * part**2).reshape(5, -1).sum(-1) for part in parts], -1),
        3,
    )
    close(
        backend.ops.weighted_part(backend.asarray(u), 1, backend.asarray(dy), n),
        u[:, 1].reshape(5, *(1,) * n) * dy,
    )


def test_weights_and_parts_broadcast(backend):
    u, part = backend.ones((4, 1, 2)), backend.ones((3, 5))
    assert backend.ops.weighted_sum(u, [part, part]).shape == (4, 3, 5)


def test_rows_are_parts_in_one_array(backend, close, rng):
    u, rows, dy = rng.normal(size=(5, 3)), rng.normal(size=(5, 3, 4)), rng.normal(size=(5, 4))
    close(backend.ops.weighted_rows(backend.asarray(u), backend.asarray(rows)), np.einsum("bk,bkd->bd", u, rows), 3)
    got = backend.ops.weighted_rows_vjp_weights(backend.asarray(dy), backend.asarray(rows))
    close(got, np.einsum("bd,bkd->bk", dy, rows), 3)
