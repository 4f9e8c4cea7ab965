"""The inner product as a cost: its numbers, labels on either port, and the softmax that it makes."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import PlacementError, ShapeError
from xpnet.modules import InnerProduct


def test_energy_gradient_and_curvature_by_hand(backend, close):
    x, y, energy = xn.State(backend.asarray([3.0, 1.0])), xn.State(backend.asarray([2.0, -4.0])), xn.State()
    cost = InnerProduct().bind(backend)
    cost.fprop(x, y, energy)
    close(energy.x, -2.0)
    energy.accumulate(backend.asarray(2.0))
    energy.accumulate_ddx(backend.asarray(3.0))
    cost.bprop(x, y, energy)
    cost.bbprop(x, y, energy)
    close(x.dx, [-4, 8])
    close(y.dx, [-6, -2])
    close(x.ddx, [12, 48])
    close(y.ddx, [27, 3])


@pytest.mark.parametrize("labels_first", [False, True])
@pytest.mark.parametrize("lead", [(), (1,)])
def test_samples_meet_a_label_set_on_either_port(backend, close, rng, labels_first, lead):
    samples, labels = (backend.asarray(rng.normal(size=shape)) for shape in ((4, 1, 3), (*lead, 5, 3)))
    x, y, energy, cost = xn.State(samples), xn.State(labels), xn.State(), InnerProduct().bind(backend)
    ports = (y, x, energy) if labels_first else (x, y, energy)
    dy = backend.asarray(rng.normal(size=(4, 5)))
    cost.fprop(*ports)
    energy.accumulate(dy)
    energy.accumulate_ddx(dy)
    cost.bprop(*ports)
    cost.bbprop(*ports)
    h, c, w = (backend.to_numpy(each).astype(np.float64) for each in (samples[:, 0, :], labels, dy))
    c = c.reshape(5, 3)
    close(energy.x, -np.einsum("bd,kd->bk", h, c), factor=4)
    close(x.dx, -np.einsum("bk,kd->bd", w, c)[:, None], factor=8)
    close(y.dx, -np.einsum("bk,bd->kd", w, h).reshape(labels.shape), factor=8)
    close(x.ddx, np.einsum("bk,kd->bd", w, c**2)[:, None], factor=8)
    close(y.ddx, np.einsum("bk,bd->kd", w, h**2).reshape(labels.shape), factor=8)


def test_a_fixed_port_takes_no_gradient(numpy64):
    x, y, energy = xn.State(np.ones((2, 1, 3))), xn.State(np.ones((4, 3)), fixed=True), xn.State()
    cost = InnerProduct()
    cost.fprop(x, y, energy)
    energy.accumulate(np.ones((2, 4)))
    energy.accumulate_ddx(np.ones((2, 4)))
    cost.bprop(x, y, energy)
    cost.bbprop(x, y, energy)
    assert y.dx is y.ddx is None
    assert x.dx.tolist() == [[[-4, -4, -4]], [[-4, -4, -4]]]


def test_with_the_likelihood_it_is_a_softmax_over_classes(numpy64, torch, rng):
    net, codes = xn.Linear(3, 4), xn.modules.Trainable((6, 4), lambda generator, shape: generator.normal(size=shape))
    trainer = xn.Trainer(net, InnerProduct(), labels=codes)
    x, label, before = rng.normal(size=(5, 3)), rng.integers(6, size=5), trainer.param.state_dict()
    w = {name: torch.tensor(value, requires_grad=True) for name, value in before.items()}
    logits = (torch.tensor(x) @ w["machine.weight"].T + w["machine.bias"]) @ w["labels.value"].T
    wanted = torch.nn.functional.cross_entropy(logits, torch.tensor(label))
    wanted.backward()
    assert float(trainer.learn_sample(x, label, learning_rate=1.0)) == pytest.approx(wanted.item(), rel=1e-13)
    for name, value in trainer.param.state_dict().items():
        np.testing.assert_allclose(before[name] - value, w[name].grad.numpy(), rtol=1e-10, atol=1e-13)


def test_different_widths_and_devices_are_errors(strict_devices):
    with pytest.raises(ShapeError, match=r"InnerProduct expects output\.x with last axis 3; got shape \(2, 4\)"):
        InnerProduct().fprop(xn.State(np.zeros((2, 3))), xn.State(np.zeros((2, 4))), xn.State())
    first, second = strict_devices
    with pytest.raises(PlacementError, match=r"input\.x and output\.x must share one dtype and device"):
        InnerProduct().bind(first).fprop(xn.State(first.ones((3,))), xn.State(second.ones((3,))), xn.State())
