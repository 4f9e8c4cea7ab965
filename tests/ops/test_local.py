"""Local linear maps against a loop over places."""

import numpy as np
import pytest


@pytest.mark.parametrize("lead", [(), (3,), (2, 1, 3), (0,)], ids=str)
def test_each_place_has_its_own_matrix(backend, close, rng, lead):
    x, weight, bias, dy = (
        rng.normal(size=shape).astype(backend.dtype_name)
        for shape in ((*lead, 2, 3, 4), (2, 3, 5, 4), (2, 3, 5), (*lead, 2, 3, 5))
    )
    held = [backend.asarray(value) for value in (x, weight, bias, dy)]
    ops = backend.ops
    x, weight, bias, dy = (value.astype(float) for value in (x, weight, bias, dy))
    close(ops.local_linear(*held[:3]), np.einsum("hwoi,...hwi->...hwo", weight, x) + bias)
    close(ops.local_linear(*held[:2]), np.einsum("hwoi,...hwi->...hwo", weight, x))
    close(ops.local_linear_vjp_x(held[3], held[1]), np.einsum("hwoi,...hwo->...hwi", weight, dy))
    rows, d_rows = x.reshape(-1, 2, 3, 4), dy.reshape(-1, 2, 3, 5)
    close(ops.local_linear_vjp_weight(held[3], held[0], 2), np.einsum("nhwo,nhwi->hwoi", d_rows, rows))
    close(ops.local_linear_squared_vjp_x(held[3], held[1]), np.einsum("hwoi,...hwo->...hwi", weight**2, dy))
    close(ops.local_linear_squared_vjp_weight(held[3], held[0], 2), np.einsum("nhwo,nhwi->hwoi", d_rows, rows**2))
