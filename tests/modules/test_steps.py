"""Steps and Join: cutting a sequence up and joining it again changes nothing."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ShapeError
from xpnet.modules import Join, Steps


def test_join_undoes_steps_and_their_gradients_add_up(backend, close, rng):
    graph = xn.Graph()
    x = graph.input("x")
    graph.output("y", graph(Join(), graph(Steps(0, 2), x), graph(Steps(2, 1), x), graph(Steps(0, 1), x)))
    graph.bind(backend)
    host = rng.normal(size=(2, 3, 4)).astype(backend.dtype_name)
    a, y = xn.State(backend.asarray(host)), xn.State()
    graph.fprop(a, y)
    close(y.x, host[:, [0, 1, 2, 0]])
    y.accumulate(y.x)
    graph.bprop(a, y)
    close(a.dx, host * np.asarray([2.0, 1.0, 1.0])[:, None])


def test_refusals(numpy64):
    with pytest.raises(ShapeError, match="start >= 0"):
        Steps(-1)
    with pytest.raises(ShapeError, match="3 steps"):
        Steps(2).fprop(xn.State(np.ones((2, 4))), xn.State())
    with pytest.raises(ShapeError, match="each input"):
        Join().fprop(xn.State(np.ones((2, 4))), xn.State(np.ones((2, 3))), xn.State())
    assert repr(Steps(1, 2)) == "Steps(1, 2)"
    assert repr(Steps(1, axis=-1)) == "Steps(1, 1, axis=-1)"
