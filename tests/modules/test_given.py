"""Numbers as a wire."""

import numpy as np

import xpnet as xn
from xpnet.modules import Given


def test_the_numbers_follow_the_backend(backend):
    given, y = Given(np.asarray([[1, 2], [3, 4]])), xn.State()
    for place in (xn.get_backend("numpy", dtype="float64"), backend):
        given.bind(place).fprop(y)
        assert place.to_numpy(y.x).tolist() == [[1.0, 2.0], [3.0, 4.0]]
        assert str(place.to_numpy(y.x).dtype) == place.dtype_name


def test_a_graph_takes_them_as_a_source(numpy64):
    graph = xn.Graph()
    graph.output("y", graph(xn.Plus(), graph.input("x"), graph(Given([1.0, 2.0]))))
    x, y = xn.State(np.ones(2)), xn.State()
    graph.fprop(x, y)
    y.accumulate(np.ones(2))
    graph.bprop(x, y)
    assert y.x.tolist() == [2.0, 3.0]
