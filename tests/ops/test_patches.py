"""Patches against NumPy's sliding windows, and their pullback against the sum over windows."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

import xpnet as xn
from xpnet.ops.window import Window

NUMPY = xn.get_backend("numpy", dtype="float64")
STRICT = xn.get_backend("strict", device="device1", dtype="float64")


@given(st.builds(Window, st.integers(1, 3), st.integers(1, 3)), st.integers(1, 2), st.integers(0, 4), st.integers(0, 2))
def test_values_and_pullback(window, features, more, batch):
    rng = np.random.default_rng(0)
    over, length = (window,), window.reach + more
    x = rng.normal(size=(batch, length, features))
    wanted = np.moveaxis(sliding_window_view(x, window.width, axis=1), -1, -2)[:, :: window.stride]
    wanted = wanted.reshape(*wanted.shape[:2], window.width * features)
    dy = rng.normal(size=wanted.shape)
    for backend in (NUMPY, STRICT):
        y = backend.ops.patches(backend.asarray(x), over)
        np.testing.assert_array_equal(backend.to_numpy(y), wanted)
        dx = backend.ops.patches_vjp(backend.asarray(dy), over, (length,))
        # The pullback of a linear map: <dy, patches(x)> = <dx, x>.
        np.testing.assert_allclose((dy * wanted).sum(), (backend.to_numpy(dx) * x).sum(), atol=1e-12)


def test_images_stand_row_by_row_and_features_last(backend, close):
    x = backend.asarray(np.arange(18.0).reshape(3, 3, 2))
    y = backend.ops.patches(x, (Window(2), Window(2)))
    close(y[1, 0, :], [6, 7, 8, 9, 12, 13, 14, 15])


def test_a_step_in_several_windows_sums_them(backend, close):
    dy = backend.asarray([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]])
    close(backend.ops.patches_vjp(dy, (Window(2),), (4,)), [[1], [12], [23], [30]])
