"""The affine map and its pullbacks against torch's autograd in float64, for every number of rows."""

import numpy as np
import pytest

LEADS = [(), (1,), (3,), (16,), (17,), (40,), (2, 1, 3), (0,), (2, 0)]


@pytest.fixture
def arrays(backend, rng):
    """A function from a lead shape to x, W, b, dy on the backend, and a function to their float64 values."""

    def make(lead):
        shapes = (*lead, 5), (3, 5), (3,), (*lead, 3)
        return [backend.asarray(rng.normal(size=shape)) for shape in shapes]

    return make


def exact(backend, *arrays):
    return [np.asarray(backend.to_numpy(array), np.float64) for array in arrays]


@pytest.mark.parametrize("lead", LEADS, ids=str)
def test_value_and_gradients_against_torch(backend, close, torch, arrays, lead):
    x, w, b, dy = arrays(lead)
    leaves = [torch.tensor(value, requires_grad=True) for value in exact(backend, x, w, b)]
    y = torch.nn.functional.linear(*leaves)
    y.backward(torch.tensor(exact(backend, dy)[0]))
    ops = backend.ops
    close(ops.linear(x, w, b), y.detach().numpy())
    close(ops.linear(x, w), (leaves[0] @ leaves[1].T).detach().numpy())
    close(ops.linear_vjp_x(dy, w), leaves[0].grad.numpy())
    close(ops.linear_vjp_weight(dy, x), leaves[1].grad.numpy())
    close(ops.linear_vjp_bias(dy), leaves[2].grad.numpy())


@pytest.mark.parametrize("lead", LEADS, ids=str)
def test_squared_pullbacks_are_products_with_squares(backend, close, arrays, lead):
    x, w, _, ddy = arrays(lead)
    x64, w64, ddy64 = exact(backend, x, w, ddy)
    rows, dd_rows = x64.reshape(-1, 5), ddy64.reshape(-1, 3)
    close(backend.ops.linear_squared_vjp_x(ddy, w), ddy64 @ w64**2)
    close(backend.ops.linear_squared_vjp_weight(ddy, x), np.einsum("no,ni->oi", dd_rows, rows**2))
    close(backend.ops.linear_squared_vjp_bias(ddy), dd_rows.sum(axis=0))


@pytest.mark.parametrize("lead", LEADS, ids=str)
def test_a_place_for_the_result_is_only_a_hint(backend, close, arrays, lead):
    x, _, _, dy = arrays(lead)
    x64, dy64 = (value.reshape(-1, value.shape[-1]) for value in exact(backend, x, dy))
    close(backend.ops.linear_vjp_weight(dy, x, out=backend.ones((3, 5)) * 7.0), dy64.T @ x64)
    close(backend.ops.linear_vjp_bias(dy, out=backend.ones((3,)) * 7.0), dy64.sum(axis=0))


def test_transposed_and_strided_arguments(backend, close, arrays):
    _, w, b, _ = arrays(())
    x = backend.xp.matrix_transpose(backend.asarray(np.arange(20.0).reshape(5, 4)))
    x64, w64, b64 = exact(backend, x, w, b)
    close(backend.ops.linear(x, w, b), x64 @ w64.T + b64)
    close(backend.ops.linear(x[::2, :], w, b), x64[::2] @ w64.T + b64)


def test_tiny_and_huge_numbers_do_not_meet(numpy64):
    x = np.asarray([[1e30, 1e-30]])
    assert numpy64.ops.linear(x, np.asarray([[1e-30, 1e30], [0.0, 1.0]])).tolist() == [[2.0, 1e-30]]
