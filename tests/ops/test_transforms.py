"""Softplus, unit rows and circulants: closed forms, torch, and the extremes."""

import numpy as np
import pytest


def test_softplus_neither_overflows_nor_vanishes_early(backend):
    y = backend.to_numpy(backend.ops.softplus(backend.asarray([-1e4, -80.0, 0.0, 80.0, 1e4])))
    assert y[0] == 0.0
    assert 0.0 < y[1] == pytest.approx(np.exp(-80.0), rel=1e-5)
    assert y[2:] == pytest.approx([np.log(2.0), 80.0, 1e4])


def test_softplus_slope_is_the_sigmoid(backend, close):
    x = np.linspace(-20.0, 20.0, 9)
    sigmoid = 1.0 / (1.0 + np.exp(-x))
    y, ones = backend.ops.softplus(backend.asarray(x)), backend.ones((9,))
    close(backend.ops.softplus_vjp(ones, y), sigmoid)
    close(backend.ops.softplus_squared_vjp(ones, y), sigmoid**2, 2)


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_unit_rows_have_length_one_at_every_scale(backend, close, scale):
    x = backend.asarray(np.asarray([[3.0, 4.0], [0.0, -2.0]]) * scale)
    close(backend.ops.unit_rows(x), [[0.6, 0.8], [0.0, -1.0]])


def test_a_row_of_zeros_stays_zero_and_takes_no_gradient(backend):
    x, d = backend.zeros((1, 3)), backend.ones((1, 3))
    y = backend.ops.unit_rows(x)
    for value in (y, backend.ops.unit_rows_vjp(d, x, y), backend.ops.unit_rows_squared_vjp(d, x, y)):
        assert backend.to_numpy(value).tolist() == [[0.0, 0.0, 0.0]]


def test_unit_rows_against_torch(torch, rng, numpy64):
    x, dy = rng.normal(size=(4, 5)), rng.normal(size=(4, 5))
    t = torch.tensor(x, requires_grad=True)
    (t / t.norm(dim=-1, keepdim=True) * torch.tensor(dy)).sum().backward()
    y = numpy64.ops.unit_rows(x)
    np.testing.assert_allclose(numpy64.ops.unit_rows_vjp(dy, x, y), t.grad.numpy(), rtol=1e-12)


def test_circulant_is_scipys_and_a_circular_convolution(backend, close, rng):
    linalg = pytest.importorskip("scipy.linalg", reason="scipy is not installed: its circulant is the oracle here")
    u, x = rng.normal(size=5), rng.normal(size=5)
    matrix = backend.ops.circulant(backend.asarray(u))
    close(matrix, linalg.circulant(u))
    circular = np.real(np.fft.ifft(np.fft.fft(u) * np.fft.fft(x)))
    close(backend.xp.matmul(matrix, backend.asarray(x)), circular, 5)


def test_circulant_pullback_is_its_adjoint(backend, rng):
    u, dc = rng.normal(size=(2, 4)), rng.normal(size=(2, 4, 4))
    forward = (backend.to_numpy(backend.ops.circulant(backend.asarray(u))) * dc).sum()
    backward = (u * backend.to_numpy(backend.ops.circulant_vjp(backend.asarray(dc)))).sum()
    assert forward == pytest.approx(backward, rel=1e-5)
