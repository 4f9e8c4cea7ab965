"""Concatenation: a sample meets every label."""

import numpy as np

import xpnet as xn


def test_a_sample_meets_every_label_and_gets_the_sum_of_their_gradients(backend, close):
    x, y, joined = xn.State(backend.asarray([[[1.0, 2.0]]])), xn.State(backend.asarray([[3.0], [4.0]])), xn.State()
    module = xn.Concatenate()
    module.fprop(x, y, joined)
    close(joined.x, [[[1, 2, 3], [1, 2, 4]]])
    joined.accumulate(backend.asarray([[[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]]))
    module.bprop(x, y, joined)
    close(x.dx, [[[11, 22]]])
    close(y.dx, [[3], [30]])


def test_a_wire_joined_with_itself(numpy64):
    x, joined = xn.State(np.asarray([1.0, 2.0])), xn.State()
    module = xn.Concatenate()
    module.fprop(x, x, joined)
    joined.accumulate(np.asarray([1.0, 2.0, 3.0, 4.0]))
    module.bprop(x, x, joined)
    assert x.dx.tolist() == [4, 6]
