"""Borders by hand, and refusals."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ShapeError
from xpnet.modules import Pad


def test_a_padded_convolution_keeps_the_length(backend, close):
    machine = xn.Cascade(Pad([(2, 0)]), xn.Convolution(1, 1, kernel=3, bias=False))
    store = xn.ParameterStore(machine, backend)
    store["1.weight"].x = backend.ones((1, 3, 1))
    x, y = xn.State(backend.asarray([[1.0], [2.0], [3.0]])), xn.State()
    machine.fprop(x, y)
    close(y.x, [[1], [3], [6]])
    y.accumulate(backend.ones((3, 1)))
    machine.bprop(x, y)
    close(x.dx, [[3], [2], [1]])


@pytest.mark.parametrize("borders", [[], [(-1, 0)]])
def test_impossible_borders(borders):
    with pytest.raises(ShapeError, match="none negative"):
        Pad(borders)


def test_too_few_axes(numpy64):
    with pytest.raises(ShapeError, match=r"3 event axes; got \(2, 2\)"):
        Pad([(1, 1), (1, 1)], value=-1.0).fprop(xn.State(np.ones((2, 2))), xn.State())
    assert repr(Pad([(1, 0)], value=-1.0)) == "Pad([(1, 0)], value=-1.0)"
