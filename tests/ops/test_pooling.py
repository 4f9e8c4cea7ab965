"""Sums and maxima over windows against torch's pooling in float64."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xpnet as xn
from xpnet.ops.window import Window

BACKENDS = [xn.get_backend("numpy", dtype="float64"), xn.get_backend("strict", device="device1", dtype="float64")]
windows = st.builds(Window, st.integers(1, 3), st.integers(1, 3))


@given(windows, windows, st.integers(0, 3), st.integers(0, 3), st.booleans())
def test_values_and_gradients_against_torch(torch, high, wide, more, further, ties):
    rng = np.random.default_rng(2)
    over, sizes = (high, wide), (high.reach + more, wide.reach + further)
    x = rng.integers(3, size=(2, *sizes, 2)) * 1.0 if ties else rng.normal(size=(2, *sizes, 2))
    functional, widths, strides = torch.nn.functional, (high.width, wide.width), (high.stride, wide.stride)
    for noun, pool in (
        ("window_sum", lambda t: functional.avg_pool2d(t, widths, strides) * high.width * wide.width),
        ("window_max", lambda t: functional.max_pool2d(t, widths, strides)),
    ):
        leaf = torch.tensor(x, requires_grad=True)
        wanted = pool(leaf.movedim(-1, 1)).movedim(1, -1)
        dy = rng.normal(size=tuple(wanted.shape))
        wanted.backward(torch.tensor(dy))
        for backend in BACKENDS:
            held = backend.asarray(x)
            y = getattr(backend.ops, noun)(held, over)
            kept = (held, y) if noun == "window_max" else ()
            dx = getattr(backend.ops, f"{noun}_vjp")(backend.asarray(dy), *kept, over, sizes)
            np.testing.assert_allclose(backend.to_numpy(y), wanted.detach().numpy(), atol=1e-12)
            np.testing.assert_allclose(backend.to_numpy(dx), leaf.grad.numpy(), atol=1e-12)


@pytest.mark.parametrize("x", [[1.0, 1.0], [-np.inf, -np.inf], [np.inf, 0.0]])
def test_of_equal_maxima_the_first_takes_the_gradient(backend, close, x):
    held, over = backend.asarray([[number] for number in x]), (Window(2, 2),)
    y = backend.ops.window_max(held, over)
    close(y, [[max(x)]])
    close(backend.ops.window_max_vjp(backend.ones((1, 1)), held, y, over, (2,)), [[1], [0]])
