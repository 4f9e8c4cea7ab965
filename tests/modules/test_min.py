"""Min: the first lowest energy takes the gradient."""

import numpy as np

import xpnet as xn


def test_first_of_several_lowest_and_impossible_rows(backend, close):
    x, out = xn.State(backend.asarray([[2.0, 1.0, 1.0], [np.inf, np.inf, np.inf], [-np.inf, 3.0, np.inf]])), xn.State()
    module = xn.Min().bind(backend)
    module.fprop(x, out)
    close(out.x, [1.0, np.inf, -np.inf])
    out.accumulate(backend.asarray([5.0, 6.0, 7.0]))
    module.bprop(x, out)
    close(x.dx, [[0, 5, 0], [0, 0, 0], [7, 0, 0]])


def test_is_the_limit_of_logsum(numpy64, rng):
    x = rng.normal(size=(6, 4))
    low, soft, hard = xn.State(), xn.State(), xn.State()
    xn.Min().fprop(xn.State(x), low)
    xn.Logsum(beta=1e9).fprop(xn.State(x), soft)
    xn.Logsum(beta=np.inf).fprop(xn.State(x), hard)
    np.testing.assert_allclose(soft.x, low.x, atol=1e-8)
    np.testing.assert_array_equal(hard.x, low.x)
