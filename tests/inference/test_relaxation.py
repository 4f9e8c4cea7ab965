"""A continuous latent variable: the minimum over it, its gradient by the envelope theorem, in every trainer."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import GraphError, LabelError, ShapeError
from xpnet.inference.relaxation import Relaxation, eliminator_of


def shifted():
    """E(X, Y, Z) = ½ ‖W x + b + z - y‖² + ½ c² ‖z‖² with c = 2: min over z is (c²/(1 + c²)) ½ ‖W x + b - y‖²."""
    graph = xn.Graph()
    x, y, z = graph.input("x"), graph.input("y"), graph.input("z")
    moved = graph(xn.Plus(), graph(xn.Linear(3, 2), x, name="map"), z)
    price = [graph(xn.Euclidean(), z, graph(xn.modules.Given([0.0, 0.0]))) for _ in range(4)]
    graph.output("energy", graph(xn.Plus(), graph(xn.Euclidean(), moved, y), *price))
    return graph


def closed_form(weights, x, labels):
    """The minimised energies (B, K) and the minimising z (B, K, 2)."""
    gap = labels - (x @ weights["map.weight"].T + weights["map.bias"])[:, None, :]
    return 0.8 * 0.5 * (gap**2).sum(-1), gap / 5


@pytest.fixture
def data(rng):
    return rng.normal(size=(6, 3)), rng.normal(size=(5, 2)), rng.integers(5, size=6)


@pytest.mark.parametrize("memory", ["1 GiB", 400], ids=["at once", "tiles"])
def test_energies_are_minimised_over_z_for_each_sample_and_label(backend, close, data, memory):
    x, labels, _ = data
    machine = shifted()
    loose = backend.dtype_name == "float32"
    relaxation = Relaxation(np.zeros(2), tolerance=1e-4 if loose else 1e-9)
    trainer = xn.Trainer(machine, param=xn.ParameterStore(machine, backend), latent=relaxation, memory=memory)
    energies, z = closed_form(trainer.param.state_dict(), x, labels)
    close(trainer.run(x, labels)[1], energies, factor=20)
    answers = trainer.answer(x, labels, top=2)
    best = energies.argmin(axis=1)
    assert backend.to_numpy(answers.index).tolist() == best.tolist()
    assert abs(backend.to_numpy(answers.latent) - z[np.arange(6), best]).max() < (1e-3 if loose else 1e-8)


@pytest.mark.parametrize("memory", ["1 GiB", 400], ids=["at once", "tiles"])
def test_learning_holds_z_at_the_minimum(numpy64, torch, data, memory):
    x, labels, label = data
    machine = shifted()
    relaxation = Relaxation(np.zeros(2), tolerance=1e-11, steps=500)
    trainer = xn.Trainer(machine, param=xn.ParameterStore(machine, numpy64), latent=relaxation, memory=memory)
    before = trainer.param.state_dict()
    w = {name: torch.tensor(value, requires_grad=True) for name, value in before.items()}
    gap = torch.tensor(labels) - (torch.tensor(x) @ w["map.weight"].T + w["map.bias"])[:, None, :]
    wanted = torch.nn.functional.cross_entropy(-0.4 * (gap**2).sum(-1), torch.tensor(label))
    wanted.backward()
    loss = trainer.learn_sample(x, label, labels, learning_rate=1.0)
    assert float(loss) == pytest.approx(wanted.item(), rel=1e-9)
    for name, value in trainer.param.state_dict().items():
        np.testing.assert_allclose(before[name] - value, w[name].grad.numpy(), rtol=1e-7, atol=1e-9)


def test_the_simple_trainer_and_single_samples(numpy64, data):
    x, labels, label = data
    trainer = xn.SimpleTrainer(shifted(), latent=Relaxation(np.zeros(2), tolerance=1e-9))
    energies, _ = closed_form(trainer.param.state_dict(), x, labels)
    assert trainer.run(x[0], labels)[1] == pytest.approx(energies[0])
    energy = trainer.learn_sample(x, label, labels, learning_rate=0.1)
    assert float(energy) == pytest.approx(energies[np.arange(6), label].mean())
    again = closed_form(trainer.param.state_dict(), x, labels)[0]
    assert again[np.arange(6), label].mean() < float(energy)


def test_a_part_that_reads_only_z_is_evaluated_at_the_z_that_was_found(numpy64, data):
    x, labels, _ = data
    graph = xn.Graph()
    a, b, c = graph.input("x"), graph.input("y"), graph.input("z")
    bent = graph(xn.Tanh(), c)
    near = graph(xn.Euclidean(), graph(xn.Linear(3, 2), a, name="map"), c)
    graph.output("energy", graph(xn.Plus(), near, graph(xn.Euclidean(), bent, b)))
    trainer = xn.Trainer(graph, latent=Relaxation(np.zeros(2), tolerance=1e-9))
    answers, weights = trainer.answer(x, labels), trainer.param.state_dict()
    z, h = answers.latent, x @ weights["map.weight"].T + weights["map.bias"]
    wanted = 0.5 * ((h - z) ** 2).sum(-1) + 0.5 * ((np.tanh(z) - labels[answers.index]) ** 2).sum(-1)
    assert answers.energy == pytest.approx(wanted)


def test_what_does_not_fit_is_told(numpy64, data):
    x, labels, _ = data
    with pytest.raises(GraphError, match="a latent variable needs a port"):
        xn.Trainer(xn.Linear(3, 2), xn.Euclidean(), latent=Relaxation(np.zeros(2)))
    with pytest.raises(ShapeError, match=r"latent is Min\(\), Logsum\(beta\) or a Relaxation\(start\); got 3"):
        xn.Trainer(shifted(), latent=3)
    trainer = xn.Trainer(shifted(), latent=Relaxation(np.zeros(2)))
    with pytest.raises(LabelError, match="no latent variable over a set: leave latent_set out"):
        trainer.run(x, labels, latent_set=np.zeros((3, 2)))


def test_a_relaxation_leaves_z_open():
    least = xn.Min()
    assert [eliminator_of(latent) for latent in (None, least, Relaxation(np.zeros(2)))] == [None, least, "open"]
