"""The Euclidean cost: its numbers, its curvature, and labels on either port."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import ShapeError


def test_energy_gradient_and_curvature_by_hand(backend, close):
    x, y, energy = xn.State(backend.asarray([3.0, 0.0])), xn.State(backend.asarray([0.0, 4.0])), xn.State()
    cost = xn.Euclidean()
    cost.fprop(x, y, energy)
    close(energy.x, 12.5)
    energy.accumulate(backend.asarray(2.0))
    energy.accumulate_ddx(backend.asarray(3.0))
    cost.bprop(x, y, energy)
    cost.bbprop(x, y, energy)
    close(x.dx, [6, -8])
    close(y.dx, [-6, 8])
    close(x.ddx, [2 + 3 * 9, 2 + 3 * 16])  # dE · 1 + ddE (x - y)²
    close(y.ddx, [2 + 3 * 9, 2 + 3 * 16])


@pytest.mark.parametrize("labels_first", [False, True])
def test_samples_meet_a_label_set_on_either_port(backend, close, rng, labels_first):
    samples, labels = (rng.normal(size=s).astype(backend.dtype_name).astype(float) for s in ((4, 1, 3), (5, 3)))
    x, y, energy = xn.State(backend.asarray(samples)), xn.State(backend.asarray(labels)), xn.State()
    ports = (y, x, energy) if labels_first else (x, y, energy)
    cost, weight = xn.Euclidean(), rng.uniform(size=(4, 5)).astype(backend.dtype_name).astype(float)
    cost.fprop(*ports)
    difference = samples - labels
    close(energy.x, 0.5 * (difference**2).sum(-1), factor=4)
    energy.accumulate(backend.asarray(weight))
    cost.bprop(*ports)
    close(x.dx, (weight[..., None] * difference).sum(axis=1, keepdims=True), factor=8)
    close(y.dx, -(weight[..., None] * difference).sum(axis=0), factor=8)


def test_a_fixed_label_set_takes_no_gradient(numpy64):
    x, y, energy = xn.State(np.ones((2, 1, 3))), xn.State(np.zeros((4, 3)), fixed=True), xn.State()
    cost = xn.Euclidean()
    cost.fprop(x, y, energy)
    energy.accumulate(np.ones((2, 4)))
    cost.bprop(x, y, energy)
    assert y.dx is None
    assert x.dx.tolist() == [[[4, 4, 4]], [[4, 4, 4]]]


def test_different_widths_are_an_error():
    with pytest.raises(ShapeError, match=r"Euclidean expects output\.x with last axis 3; got shape \(2, 4\)"):
        xn.Euclidean().fprop(xn.State(np.zeros((2, 3))), xn.State(np.zeros((2, 4))), xn.State())
