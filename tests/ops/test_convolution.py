"""Convolutions over time and images against torch's autograd in float64, and against numpy.convolve."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xpnet as xn
from xpnet.ops import REFERENCE
from xpnet.ops.window import Window

BACKENDS = [xn.get_backend("numpy", dtype="float64"), xn.get_backend("strict", device="device1", dtype="float64")]
axis = st.tuples(st.builds(Window, st.integers(1, 3), st.integers(1, 3), st.integers(1, 2)), st.integers(0, 4))
numbers = st.integers(1, 3)


def in_torch(torch, x, weight, bias, over):
    """torch's convolution, with axes moved to its (N, C, *lengths) and (O, C, *widths) and back."""
    convolve = (torch.nn.functional.conv1d, torch.nn.functional.conv2d)[len(over) - 1]
    strides, dilations = [w.stride for w in over], [w.dilation for w in over]
    return convolve(x.movedim(-1, 1), weight.movedim(-1, 1), bias, strides, 0, dilations).movedim(1, -1)


def compare(torch, over, sizes, batch, inputs, outputs):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(batch, *sizes, inputs))
    weight = rng.normal(size=(outputs, *(w.width for w in over), inputs))
    bias = rng.normal(size=outputs)
    leaves = [torch.tensor(value, requires_grad=True) for value in (x, weight, bias)]
    y = in_torch(torch, *leaves, over)
    dy = rng.normal(size=tuple(y.shape))
    y.backward(torch.tensor(dy))
    squares = [torch.tensor(value**2, requires_grad=True) for value in (x, weight)]
    in_torch(torch, *squares, None, over).backward(torch.tensor(dy))
    for backend in BACKENDS:
        ops = backend.ops
        x_, weight_, bias_, dy_ = (backend.asarray(value) for value in (x, weight, bias, dy))
        results = {
            "y": (ops.convolution(x_, weight_, bias_, over), y.detach()),
            "dx": (ops.convolution_vjp_x(dy_, weight_, over, sizes), leaves[0].grad),
            "dW": (ops.convolution_vjp_weight(dy_, x_, over), leaves[1].grad),
            "ddx": (ops.convolution_squared_vjp_x(dy_, weight_, over, sizes), squares[0].grad),
            "ddW": (ops.convolution_squared_vjp_weight(dy_, x_, over), squares[1].grad),
        }
        for name, (got, wanted) in results.items():
            np.testing.assert_allclose(backend.to_numpy(got), wanted.numpy(), atol=1e-11, err_msg=name)


@given(axis, numbers, numbers, numbers)
def test_over_time(torch, axis, batch, inputs, outputs):
    window, more = axis
    compare(torch, (window,), (window.reach + more,), batch, inputs, outputs)


@given(axis, axis, numbers, numbers, numbers)
def test_over_images(torch, height, width, batch, inputs, outputs):
    over = (height[0], width[0])
    compare(torch, over, tuple(w.reach + more for w, more in (height, width)), batch, inputs, outputs)


def test_over_volumes_too(backend, close):
    x = backend.ones((2, 3, 3, 3, 1))
    y = backend.ops.convolution(x, backend.ones((1, 2, 2, 2, 1)), None, (Window(2),) * 3)
    close(y, np.full((2, 2, 2, 2, 1), 8.0))


@pytest.mark.parametrize("kernel", [1, 3, 6])
def test_a_single_feature_is_numpys_convolution_with_the_kernel_reversed(backend, close, rng, kernel):
    x, weight = (rng.normal(size=n).astype(backend.dtype_name) for n in (8, kernel))
    y = backend.ops.convolution(
        backend.asarray(x[:, None]), backend.asarray(weight[None, :, None]), None, (Window(kernel),)
    )
    close(y[:, 0], np.convolve(x.astype(float), weight[::-1].astype(float), mode="valid"))


@pytest.mark.parametrize("lead", [(), (0,), (2, 0), (2, 1, 3)], ids=str)
def test_any_lead_axes(backend, lead):
    x, weight, over = backend.ones((*lead, 5, 2)), backend.ones((3, 2, 2)), (Window(2),)
    y = backend.ops.convolution(x, weight, backend.ones((3,)), over)
    assert tuple(y.shape) == (*lead, 4, 3)
    assert tuple(backend.ops.convolution_vjp_x(y, weight, over, (5,)).shape) == (*lead, 5, 2)
    assert tuple(backend.ops.convolution_vjp_weight(y, x, over).shape) == (3, 2, 2)


def test_many_windows_are_taken_piece_by_piece_with_the_same_result(torch):
    compare(torch, (Window(3), Window(2, 2)), (40, 41), 20, 4, 11)


def test_it_traces_under_jit_and_agrees_with_jax(jax, rng):
    over, sizes, jnp = (Window(2, 2), Window(3, 1, 2)), (5, 7), jax.numpy
    x, weight = (jnp.asarray(rng.normal(size=shape), jnp.float32) for shape in ((2, 5, 7, 3), (4, 2, 3, 3)))
    y, pull = jax.vjp(lambda x, weight: REFERENCE["convolution"](jnp, x, weight, None, over), x, weight)
    for wanted, got in zip(
        pull(y),
        (
            jax.jit(lambda dy, weight: REFERENCE["convolution_vjp_x"](jnp, dy, weight, over, sizes))(y, weight),
            jax.jit(lambda dy, x: REFERENCE["convolution_vjp_weight"](jnp, dy, x, over))(y, x),
        ),
        strict=True,
    ):
        np.testing.assert_allclose(got, wanted, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("window", [Window(5), Window(5, 2)])
@pytest.mark.parametrize("features", [1, 3])
def test_where_no_window_fits_overrides_give_what_references_give(numpy64, window, features):
    over, sizes, x = (window,), (4,), np.ones((2, 4, features))
    weight, dy = np.ones((6, 5, features)), np.ones((2, 0, 6))
    for name, arguments in {
        "convolution": (x, weight, np.ones(6), over),
        "convolution_vjp_x": (dy, weight, over, sizes),
        "convolution_vjp_weight": (dy, x, over),
        "window_sum": (x, over),
        "window_sum_vjp": (np.ones((2, 0, features)), over, sizes),
    }.items():
        got, wanted = getattr(numpy64.ops, name)(*arguments), REFERENCE[name](numpy64.xp, *arguments)
        assert got.shape == wanted.shape, name
        np.testing.assert_array_equal(got, wanted)
