"""The wire: accumulation, the clearing rule, the replica rule; never writing into arrays."""

import numpy as np
import pytest

from xpnet import State
from xpnet.errors import ShapeError


def test_gradients_accumulate_and_writing_x_clears_them(backend, close):
    state = State(backend.asarray([1.0, 2.0]))
    for _ in range(3):
        state.accumulate(backend.asarray([1.0, 10.0]))
        state.accumulate_ddx(backend.asarray([2.0, 20.0]))
    close(state.dx, [3, 30])
    close(state.ddx, [6, 60])
    state.x = backend.asarray([5.0])
    assert state.dx is state.ddx is state.inner is None


def test_clear_keeps_the_value(numpy64):
    state = State(np.ones(2))
    state.accumulate(np.ones(2))
    state.accumulate_ddx(np.ones(2))
    state.clear()
    assert state.dx is state.ddx is None
    assert state.x.tolist() == [1, 1]


def test_a_gradient_is_summed_over_the_axes_along_which_x_was_broadcast(backend, close, rng):
    state = State(backend.zeros((2, 1, 3)))
    g = rng.normal(size=(2, 4, 3))
    state.accumulate(backend.asarray(g))
    state.accumulate_ddx(backend.asarray(g**2))
    close(state.dx, g.sum(axis=1, keepdims=True), factor=4)
    close(state.ddx, (g**2).sum(axis=1, keepdims=True), factor=4)


def test_a_gradient_that_does_not_fit_names_both_shapes():
    state = State(np.zeros(5))
    with pytest.raises(ShapeError, match=r"a gradient of shape \(\) does not fit a state of shape \(5,\)"):
        state.accumulate(np.asarray(1.0))
    with pytest.raises(ShapeError, match=r"gradient of shape \(2, 4\) does not fit a state of shape \(5,\)"):
        state.accumulate_ddx(np.zeros((2, 4)))


def test_a_state_never_writes_into_arrays():
    first, second = np.ones(3), np.ones(3)
    first.flags.writeable = second.flags.writeable = False
    state = State(np.zeros(3))
    state.accumulate(first)
    state.accumulate(second)
    assert state.dx.tolist() == [2, 2, 2]
    assert first.tolist() == second.tolist() == [1, 1, 1]


def test_a_fixed_state_takes_no_gradient():
    state = State(np.zeros(2), fixed=True)
    state.accumulate(np.ones(2))
    state.accumulate_ddx(np.ones(2))
    assert state.dx is state.ddx is None


def test_backward_passes_without_a_gradient_say_what_is_missing():
    with pytest.raises(ShapeError, match="bprop needs a gradient in its output: call output"):
        State(np.zeros(2)).cotangent  # noqa: B018
    with pytest.raises(ShapeError, match="bbprop needs second derivatives in its output: call output"):
        State(np.zeros(2)).curvature  # noqa: B018


def test_repr_tells_shape_dtype_and_what_is_held():
    state = State(np.zeros((2, 3), np.float32))
    assert repr(State()) == "State(empty)"
    assert repr(state) == "State(shape (2, 3), float32)"
    state.accumulate(np.zeros((2, 3), np.float32))
    assert repr(state) == "State(shape (2, 3), float32, dx)"


def test_a_gradient_for_an_empty_state_and_one_that_is_no_array():
    for accumulate in (State().accumulate, State().accumulate_ddx):
        with pytest.raises(ShapeError, match="this state has no value yet, so no gradient fits it; write x first"):
            accumulate(np.ones(2))
    state = State(np.ones(2))
    for accumulate in (state.accumulate, state.accumulate_ddx):
        with pytest.raises(ShapeError, match=r"a gradient is an array of the state's shape \(2,\); got a float"):
            accumulate(1.0)
