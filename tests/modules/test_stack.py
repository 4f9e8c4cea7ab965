"""Sequences taken apart and put together."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ShapeError
from xpnet.modules import Stack, Unstack


@pytest.mark.parametrize(("ndim", "shape"), [(0, (2, 3)), (1, (2, 3, 4)), (2, (3, 2, 2)), (1, (3, 4))])
@pytest.mark.parametrize("by_lead", [False, True])
def test_stack_undoes_unstack(backend, rng, ndim, shape, by_lead):
    place = {"lead": len(shape) - ndim - 1} if by_lead else {"ndim": ndim}
    x, steps, y = xn.State(backend.asarray(rng.normal(size=shape))), [xn.State() for _ in range(3)], xn.State()
    Unstack(3, **place).bind(backend).fprop(x, *steps)
    Stack(**place).bind(backend).fprop(*steps, y)
    np.testing.assert_array_equal(backend.to_numpy(y.x), backend.to_numpy(x.x))
    y.accumulate(backend.asarray(dy := rng.normal(size=shape)))
    Stack(**place).bind(backend).bprop(*steps, y)
    Unstack(3, **place).bind(backend).bprop(x, *steps)
    np.testing.assert_allclose(backend.to_numpy(x.dx), dy, rtol=1e-6)


def test_steps_that_nobody_used_get_zeros(numpy64):
    x, steps = xn.State(np.ones((3, 2))), [xn.State() for _ in range(3)]
    Unstack(3).fprop(x, *steps)
    steps[1].accumulate(np.asarray([1.0, 2.0]))
    Unstack(3).bprop(x, *steps)
    assert x.dx.tolist() == [[0.0, 0.0], [1.0, 2.0], [0.0, 0.0]]


def test_a_first_step_without_batch_axes_broadcasts(numpy64):
    first, second, y = xn.State(np.zeros(2)), xn.State(np.ones((4, 2))), xn.State()
    Stack().fprop(first, second, y)
    assert y.x.shape == (4, 2, 2)
    y.accumulate(np.ones((4, 2, 2)))
    Stack().bprop(first, second, y)
    assert first.dx.tolist() == [4.0, 4.0]


@pytest.mark.parametrize("shape", [(2, 2), (2,), (3, 4, 2)])
def test_another_number_of_steps_is_an_error(numpy64, shape):
    with pytest.raises(ShapeError, match="expects 3 steps on axis -2"):
        Unstack(3).fprop(xn.State(np.zeros(shape)), xn.State(), xn.State(), xn.State())
