"""Convolution over images with a connection table against torch's full one with a mask."""

from copy import deepcopy

import numpy as np
import pytest

import xpnet as xn
from xpnet.modules.connections import table_of

TABLE = table_of([[0, 2], [1], [0, 1, 2], [2]])


def dense(weight):
    full = np.zeros((4, *weight.shape[1:], 3))
    for connection, (source, target) in enumerate(TABLE):
        full[target, ..., source] = weight[connection]
    return full


def test_a_table_is_a_full_convolution_with_zeros(backend, close, torch, rng):
    layer = xn.ImageConvolution(3, 4, kernel=(2, 3), connections=TABLE)
    store = xn.ParameterStore(layer, backend)
    assert store.size == len(TABLE) * 6 + 4
    x, y = xn.State(backend.asarray(rng.normal(size=(2, 5, 6, 3)))), xn.State()
    layer.fprop(x, y)
    y.accumulate(backend.asarray(rng.normal(size=y.x.shape)))
    layer.bprop(x, y)
    host = [np.asarray(backend.to_numpy(value), np.float64) for value in (x.x, layer.weight.x, y.dx)]
    image = torch.tensor(host[0], requires_grad=True)
    weight = torch.tensor(dense(host[1]), requires_grad=True)
    wanted = torch.nn.functional.conv2d(image.movedim(-1, 1), weight.movedim(-1, 1)).movedim(1, -1)
    wanted.backward(torch.tensor(host[2]))
    close(y.x, wanted.detach().numpy(), factor=4)
    close(x.dx, image.grad.numpy(), factor=4)
    full = weight.grad.numpy()
    close(layer.weight.dx, [full[target, ..., source] for source, target in TABLE], factor=4)


def test_all_pairs_are_the_convolution_without_a_table(numpy64, rng):
    plain = xn.ImageConvolution(2, 3, kernel=2)
    table = xn.ImageConvolution(2, 3, kernel=2, connections=table_of([range(2)] * 3))
    table.weight.x = np.moveaxis(plain.weight.x, -1, 1).reshape(6, 2, 2)
    x, one, other = xn.State(rng.normal(size=(4, 4, 2))), xn.State(), xn.State()
    plain.fprop(x, one)
    table.fprop(x, other)
    np.testing.assert_allclose(one.x, other.x)


def test_a_table_moves_with_its_backend_and_with_copies(numpy64, rng):
    layer = xn.ImageConvolution(3, 4, kernel=2, connections=TABLE)
    store = xn.ParameterStore(layer, numpy64)
    image, y = rng.normal(size=(3, 3, 3)), xn.State()
    layer.fprop(xn.State(image), y)
    strict = xn.get_backend("strict", device="device1", dtype="float64")
    store.to(strict)
    moved = xn.State()
    layer.fprop(xn.State(strict.asarray(image)), moved)
    np.testing.assert_allclose(strict.to_numpy(moved.x), y.x)
    store.to(numpy64)
    again = xn.State()
    deepcopy(layer).fprop(xn.State(image), again)
    np.testing.assert_allclose(again.x, y.x)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "ImageConvolution(3, 4, kernel=(2, 2))"),
        ({"stride": 2, "bias": False}, "ImageConvolution(3, 4, kernel=(2, 2), stride=(2, 2), bias=False)"),
        ({"connections": TABLE}, "ImageConvolution(3, 4, kernel=(2, 2), 7 connections)"),
    ],
)
def test_repr(arguments, words):
    assert repr(xn.ImageConvolution(3, 4, 2, **arguments)) == words
