"""K affine maps at once equal K affine maps, whether they read one vector or one each."""

import numpy as np
import pytest


@pytest.mark.parametrize("lead", [(), (5,), (2, 3), (0,)], ids=str)
@pytest.mark.parametrize("inputs", [1, 4])
def test_stacked_equals_one_by_one(backend, close, rng, lead, inputs):
    x, weight, bias = rng.normal(size=(*lead, inputs, 3)), rng.normal(size=(4, 2, 3)), rng.normal(size=(4, 2))
    dy, ops = rng.normal(size=(*lead, 4, 2)), backend.ops
    a_x, a_weight, a_dy = (backend.asarray(value) for value in (x, weight, dy))
    each = np.broadcast_to(x, (*lead, 4, 3))
    close(
        ops.stacked_linear(a_x, a_weight, backend.asarray(bias)), np.einsum("...ki,koi->...ko", each, weight) + bias, 3
    )

    def back(dy, weight):
        dx = np.einsum("...ko,koi->...ki", dy, weight)
        return dx.sum(-2, keepdims=True) if inputs == 1 else dx

    flat_dy, flat_x = dy.reshape(-1, 4, 2), each.reshape(-1, 4, 3)
    close(ops.stacked_linear_vjp_x(a_dy, a_x, a_weight), back(dy, weight), 3)
    close(ops.stacked_linear_squared_vjp_x(a_dy, a_x, a_weight), back(dy, weight**2), 3)
    close(ops.stacked_linear_vjp_weight(a_dy, a_x), np.einsum("bko,bki->koi", flat_dy, flat_x), 3)
    close(ops.stacked_linear_squared_vjp_weight(a_dy, a_x), np.einsum("bko,bki->koi", flat_dy, flat_x**2), 3)
    close(ops.stacked_linear_vjp_bias(a_dy), flat_dy.sum(0), 3)
    close(ops.stacked_linear_squared_vjp_bias(a_dy), flat_dy.sum(0), 3)
