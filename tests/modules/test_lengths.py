"""What a sequence's length decides at each step."""

import numpy as np

import xpnet as xn
from xpnet.modules import Blank, Hold
from xpnet.modules.lengths import Running


def test_running_until_the_end(backend):
    lengths, outputs = xn.State(backend.indices([0, 2, 3]), fixed=True), [xn.State() for _ in range(3)]
    Running(3).bind(backend).fprop(lengths, *outputs)
    assert [backend.to_numpy(out.x).tolist() for out in outputs] == [[0, 1, 1], [0, 1, 1], [0, 0, 1]]


def test_hold_takes_the_new_or_keeps_the_old_and_so_do_gradients(numpy64):
    running = xn.State(np.asarray([1.0, 0.0]), fixed=True)
    new, old, y = xn.State(np.ones((2, 2))), xn.State(np.zeros(2)), xn.State()
    Hold().fprop(running, new, old, y)
    assert y.x.tolist() == [[1.0, 1.0], [0.0, 0.0]]
    y.accumulate(np.asarray([[1.0, 2.0], [3.0, 4.0]]))
    Hold().bprop(running, new, old, y)
    assert new.dx.tolist() == [[1.0, 2.0], [0.0, 0.0]]
    assert old.dx.tolist() == [3.0, 4.0]


def test_hold_by_lead_axes_takes_events_of_any_number_of_axes(numpy64):
    y = xn.State()
    running = xn.State(np.asarray([1.0, 0.0]), fixed=True)
    Hold(lead=1).fprop(running, xn.State(np.ones((2, 3, 4))), xn.State(np.zeros((2, 3, 4))), y)
    assert y.x.sum(axis=(1, 2)).tolist() == [12.0, 0.0]


def test_blank_never_looks_at_the_padding(numpy64):
    x, y = xn.State(np.asarray([[[1.0], [np.nan]], [[3.0], [4.0]]])), xn.State()
    lengths = xn.State(np.asarray([1, 2]), fixed=True)
    Blank().fprop(x, lengths, y)
    assert y.x[..., 0].tolist() == [[1.0, 0.0], [3.0, 4.0]]
    y.accumulate(np.full((2, 2, 1), np.inf))
    Blank().bprop(x, lengths, y)
    assert x.dx[..., 0].tolist() == [[np.inf, 0.0], [np.inf, np.inf]]


def test_blank_gives_each_of_several_lengths_its_own_copy(numpy64):
    x, y = xn.State(np.ones((3, 1))), xn.State()
    Blank().fprop(x, xn.State(np.asarray([1, 2]), fixed=True), y)
    assert y.x[..., 0].tolist() == [[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]]
    y.accumulate(np.ones((2, 3, 1)))
    Blank().bprop(x, xn.State(np.asarray([1, 2]), fixed=True), y)
    assert x.dx[:, 0].tolist() == [2.0, 1.0, 0.0]
