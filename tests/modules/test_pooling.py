"""Subsampling and pooling by hand, and what they leave out."""

import numpy as np

import xpnet as xn
from xpnet.modules import AveragePooling, MaxPooling

IMAGE = [[[1.0], [2.0], [9.0]], [[3.0], [4.0], [9.0]], [[9.0], [9.0], [9.0]]]  # 3x3, of which 2x2 is seen


def passed(backend, module):
    xn.ParameterStore(module, backend)
    x, y = xn.State(backend.asarray(IMAGE)), xn.State()
    module.fprop(x, y)
    y.accumulate(backend.asarray([[[10.0]]]))
    y.accumulate_ddx(backend.asarray([[[10.0]]]))
    module.bprop(x, y)
    module.bbprop(x, y)
    return x, y


def in_corner(square):
    image = np.zeros((3, 3, 1))
    image[:2, :2, 0] = square
    return image


def test_subsampling_by_hand(backend, close):
    layer = xn.Subsampling(1)
    assert layer.area == 4
    layer.bind(backend)
    x, y = passed(backend, layer)
    close(y.x, [[[2.5]]])  # the coefficient starts as 1/4, the bias as 0
    close(x.dx, in_corner([[2.5, 2.5], [2.5, 2.5]]))
    close(x.ddx, in_corner([[0.625, 0.625], [0.625, 0.625]]))
    close(layer.coefficient.dx, [100])
    close(layer.coefficient.ddx, [1000])
    close(layer.bias.dx, [10])


def test_average_and_maximum_by_hand(backend, close):
    x, y = passed(backend, AveragePooling())
    close(y.x, [[[2.5]]])
    close(x.dx, in_corner([[2.5, 2.5], [2.5, 2.5]]))
    x, y = passed(backend, MaxPooling())
    close(y.x, [[[4]]])
    close(x.dx, in_corner([[0, 0], [0, 10]]))
    close(x.ddx, in_corner([[0, 0], [0, 10]]))


def test_repr():
    assert repr(xn.Subsampling(6)) == "Subsampling(6, (2, 2))"
    assert repr(AveragePooling((3,), stride=(1,))) == "AveragePooling((3,), stride=(1,))"
