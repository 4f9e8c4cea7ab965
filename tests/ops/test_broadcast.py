"""The replica rule: sum_to is the pullback of broadcasting, for any shapes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from xpnet.errors import ShapeError
from xpnet.ops.broadcast import broadcast_lead, rows, sum_to

shapes = mutually_broadcastable_shapes(num_shapes=2, max_dims=4, min_side=0, max_side=4)


@settings(max_examples=200)
@given(shapes, st.integers(0, 2**32 - 1))
def test_sum_to_is_the_adjoint_of_broadcasting(drawn, seed):
    """<broadcast(v), g> = <v, sum_to(g)> for every v and g: that is what a pullback is."""
    small, large = drawn.input_shapes[0], drawn.result_shape
    generator = np.random.default_rng(seed)
    v, g = generator.integers(-9, 9, size=small), generator.integers(-9, 9, size=large)
    pulled = sum_to(g, small)
    assert pulled.shape == small
    assert (np.broadcast_to(v, large) * g).sum() == (v * pulled).sum()


@settings(max_examples=200)
@given(mutually_broadcastable_shapes(num_shapes=3, max_dims=4, min_side=0, max_side=4))
def test_broadcast_lead_is_numpys_rule(drawn):
    assert broadcast_lead(list(drawn.input_shapes)) == drawn.result_shape


@pytest.mark.parametrize(("given_shape", "shape"), [((), (5,)), ((1, 3), (5, 3)), ((4, 3), (5, 3)), ((3,), (1, 3))])
def test_a_gradient_that_does_not_fit_is_an_error(given_shape, shape):
    with pytest.raises(ShapeError) as caught:
        sum_to(np.ones(given_shape), shape)
    assert str(caught.value) == f"a gradient of shape {given_shape} does not fit a state of shape {shape}"


def test_an_axis_is_summed_though_a_new_one_before_it_has_length_1():
    np.testing.assert_array_equal(sum_to(np.ones((1, 4, 3)), (1, 3)), np.full((1, 3), 4.0))


def test_sum_to_on_every_backend(backend, close):
    g = np.arange(24.0).reshape(2, 3, 4)
    close(sum_to(backend.asarray(g), (2, 1, 4)), g.sum(axis=1, keepdims=True))
    close(sum_to(backend.asarray(g), (4,)), g.sum(axis=(0, 1)))
    close(sum_to(backend.asarray(g), ()), g.sum())


def test_rows(backend):
    assert tuple(rows(backend.xp, backend.zeros((2, 3, 4))).shape) == (6, 4)
    assert tuple(rows(backend.xp, backend.zeros((4,))).shape) == (1, 4)
    assert tuple(rows(backend.xp, backend.zeros((0, 4))).shape) == (0, 4)
