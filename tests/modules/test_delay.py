"""z⁻¹ on whole sequences."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import GraphError, ShapeError
from xpnet.modules import Delay
from xpnet.modules.delay import Start


def test_a_trainable_start_gets_the_first_steps_gradient(numpy64, rng):
    delay = Delay(2, "trainable")
    store = xn.ParameterStore(delay, numpy64)
    store["initial"].x = np.asarray([5.0, 6.0])
    x, y = xn.State(rng.normal(size=(3, 4, 2))), xn.State()
    delay.fprop(x, y)
    assert (y.x[:, 0] == [5.0, 6.0]).all()
    assert (y.x[:, 1:] == x.x[:, :-1]).all()
    dy = rng.normal(size=(3, 4, 2))
    y.accumulate(dy)
    delay.bprop(x, y)
    assert (x.dx[:, :-1] == dy[:, 1:]).all()
    assert (x.dx[:, -1] == 0).all()
    np.testing.assert_allclose(store["initial"].dx, dy[:, 0].sum(0), rtol=1e-12)


def test_a_given_start_broadcasts(numpy64):
    x, z0, y = xn.State(np.ones((4, 1, 3, 2))), xn.State(np.zeros((5, 2))), xn.State()
    Delay(2, "given").fprop(x, z0, y)
    assert y.x.shape == (4, 5, 3, 2)
    y.accumulate(np.ones((4, 5, 3, 2)))
    Delay(2, "given").bprop(x, z0, y)
    assert z0.dx.tolist() == [[4.0, 4.0]] * 5
    assert x.dx[0, 0].tolist() == [[5.0, 5.0], [5.0, 5.0], [0.0, 0.0]]


def test_start_is_the_initial_state_as_a_wire(numpy64):
    delay, z = Delay(2, "trainable"), xn.State()
    store = xn.ParameterStore(delay, numpy64)
    start = Start(delay)
    start.fprop(z)
    z.accumulate(np.asarray([1.0, 2.0]))
    z.accumulate_ddx(np.asarray([3.0, 4.0]))
    start.bprop(z)
    start.bbprop(z)
    assert store["initial"].dx.tolist() == [1.0, 2.0]
    assert store["initial"].ddx.tolist() == [3.0, 4.0]
    Start(Delay(2)).bprop(z)  # zeros learn nothing


@pytest.mark.parametrize("shape", [(3,), (0, 2), (3, 4)])
def test_other_shapes_are_errors(numpy64, shape):
    with pytest.raises(ShapeError, match=r"\(\.\.\., T, \(2,\)\) with T > 0"):
        Delay(2).fprop(xn.State(np.zeros(shape)), xn.State())


def test_an_unknown_start_is_an_error():
    with pytest.raises(GraphError, match="zeros, trainable, given; got 'one'"):
        Delay(2, "one")
