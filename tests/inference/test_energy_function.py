"""E(X, Y, Z) taken apart: replica sums at each dependence pattern, against a loop over replicas and torch."""

from copy import deepcopy

import numpy as np
import pattern_cases
import pytest
from label_cases import Gradients
from pattern_cases import PATTERNS, WITHOUT_LATENT, Loop

import xpnet as xn
from xpnet.inference.energy_function import EnergyFunction
from xpnet.machines.separated import Part
from xpnet.modules import Min, Sum

B, K, M = 2, 3, 2
# Which boxes a machine has, so that each input is read: each pattern beside "xyz" or "xy", and all of them.
CHOICES = [(p, "xyz") for p in PATTERNS[:-1]] + [("xyz",), tuple(PATTERNS), ("x", "y", "z"), ("xy", "yz", "xz")]
SHORT = [(p, "xy") for p in WITHOUT_LATENT[:-1]] + [("xy",), tuple(WITHOUT_LATENT), ("x", "y")]


def softmin(energies, beta, axis):
    weights = np.exp(-beta * (energies - energies.min(axis=axis, keepdims=True)))
    return weights / weights.sum(axis=axis, keepdims=True)


def drawn(backend, rng, *shapes):
    """Normal numbers that the backend's dtype holds exactly."""
    return [rng.normal(size=shape).astype(backend.dtype_name).astype(np.float64) for shape in shapes]


def twin(net, store):
    """The same machine with the same values in float64 on the host."""
    host = xn.get_backend("numpy", dtype="float64")
    copy = deepcopy(net)
    other = xn.ParameterStore(copy, host)
    other.load_state_dict({name: value.astype(np.float64) for name, value in store.state_dict().items()})
    copy.bind(host)
    return copy, other


def likelihood(energies, label, beta, latent):
    """-log P(Y) with the latent variable eliminated: its mean, E(Y, Z)'s gradient, and E(Y); all in closed form."""
    if latent is None:
        weights, free = np.ones_like(energies), energies[..., 0]
    elif latent == "min":
        weights, free = (energies == energies.min(-1, keepdims=True)).astype(float), energies.min(-1)
    else:
        weights, free = softmin(energies, beta, -1), -np.log(np.exp(-beta * energies).sum(-1)) / beta
    desired = np.eye(energies.shape[1])[label]
    loss = (free * desired).sum(-1) + np.log(np.exp(-free).sum(-1))
    slope = (desired - softmin(free, 1.0, -1)) / len(label)
    return loss.mean(), slope[..., None] * weights, free, desired[..., None] * weights / len(label)


def check(backend, close, net, sets, label, latent=None):
    """Both trainers' values and gradients against the loop over replicas of the machine as it was written."""
    x, y, *z = sets
    eliminator = {"min": Min(), "logsum": xn.Logsum(2.0), None: None}[latent]
    named = {"latent_set": z[0]} if z else {}
    store = xn.ParameterStore(net, backend)
    loop = Loop(*twin(net, store), x, y, *z)
    loss, weights, free, of_energy = likelihood(loop.energies(), label, 2.0, latent)
    trainer, simple = (kind(net, None, store, latent=eliminator) for kind in (xn.Trainer, xn.SimpleTrainer))
    close(trainer.run(x, y, **named)[1], free, factor=10)
    wanted = {xn.Trainer: (loss, loop.gradients(weights))}
    wanted[xn.SimpleTrainer] = free[range(len(label)), label].mean(), loop.gradients(of_energy)
    for each in (trainer, simple):
        value, gradients = wanted[type(each)]
        rule = Gradients()
        close(each.learn_sample(x, label, y, rule, **named), value, factor=20)
        rule.compare(gradients, 2e-5 if backend.dtype_name == "float32" else 1e-11)


@pytest.mark.parametrize("patterns", SHORT, ids=" ".join)
def test_replica_sums_without_a_latent_variable(backend, close, rng, patterns):
    label = rng.integers(K, size=B)
    for shapes in (((B, 4), (K, 2)), ((B, 4), (B, K, 2)), ((1, 4), (K, 2))):
        sets = drawn(backend, rng, *shapes)
        check(backend, close, pattern_cases.machine(patterns, "xy"), sets, label[: shapes[0][0]])


@pytest.mark.parametrize("latent", ["min", "logsum"])
@pytest.mark.parametrize("patterns", CHOICES, ids=" ".join)
def test_replica_sums_with_a_latent_variable(numpy64, rng, patterns, latent):
    label = rng.integers(K, size=B)
    for y, z in (((K, 2), (M, 3)), ((B, K, 2), (M, 3)), ((K, 2), (B, M, 3)), ((B, K, 2), (B, M, 3)), ((K, 2), (1, 3))):
        sets = drawn(numpy64, rng, (B, 4), y, z)
        check(numpy64, near, pattern_cases.machine(patterns), sets, label, latent)


def near(got, wanted, factor=1.0):
    np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("latent", ["min", "logsum"])
def test_replica_sums_at_every_pattern_on_every_backend(backend, close, rng, latent):
    label = rng.integers(K, size=B)
    for y, z in (((K, 2), (M, 3)), ((B, K, 2), (B, M, 3))):
        check(backend, close, pattern_cases.machine(PATTERNS), drawn(backend, rng, (B, 4), y, z), label, latent)


@pytest.mark.parametrize("latent", [None, "logsum"])
def test_a_single_sample(backend, close, rng, latent):
    net = pattern_cases.machine(PATTERNS if latent else WITHOUT_LATENT, "xyz" if latent else "xy")
    x, y, *z = drawn(backend, rng, (4,), (K, 2), *([(M, 3)] if latent else []))
    store = xn.ParameterStore(net, backend)
    loop = Loop(*twin(net, store), x[None], y, *z)
    loss, weights, free, of_energy = likelihood(loop.energies(), np.asarray([2]), 2.0, latent)
    named = {"latent_set": z[0]} if z else {}
    for kind, value, weight in ((xn.Trainer, loss, weights), (xn.SimpleTrainer, free[0, 2], of_energy)):
        trainer, rule = kind(net, None, store, latent=xn.Logsum(2.0) if latent else None), Gradients()
        close(trainer.run(x, y, **named)[1], free[0], factor=10)
        close(trainer.learn_sample(x, 2, y, rule, **named), value, factor=20)
        rule.compare(loop.gradients(weight), 2e-5 if backend.dtype_name == "float32" else 1e-11)


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("patterns", [*CHOICES, *SHORT], ids=" ".join)
def test_gradients_against_torch(numpy64, torch, rng, patterns, shared):
    latent = any("z" in pattern for pattern in patterns)
    net = pattern_cases.machine(patterns, "xyz" if latent else "xy")
    trainer, rule = xn.Trainer(net, latent=xn.Logsum(1.5) if latent else None), Gradients()
    lead = () if shared else (B,)
    x, y, z = (rng.normal(size=shape) for shape in ((B, 4), (*lead, K, 2), (*lead, M, 3)))
    label = rng.integers(K, size=B)
    w = {name: torch.tensor(value, requires_grad=True) for name, value in trainer.param.state_dict().items()}
    tx, ty, tz = (torch.tensor(each) for each in (x[:, None, None], y[..., None, :], z if shared else z[:, None]))
    given = {"x": tx, "y": ty} | ({"z": tz} if latent else {})
    energies = pattern_cases.energies_in_torch(torch, w, patterns, given)
    free = -torch.logsumexp(-1.5 * energies, dim=-1) / 1.5 if latent else energies[..., 0]
    wanted = torch.nn.functional.cross_entropy(-free, torch.tensor(label))
    wanted.backward()
    loss = trainer.learn_sample(x, label, y, rule, **({"latent_set": z} if latent else {}))
    assert float(loss) == pytest.approx(wanted.item(), rel=1e-12)
    rule.compare({name: tensor.grad.numpy() for name, tensor in w.items()}, 1e-11)


# --- how often each part runs ---------------------------------------------------------------------------------


def counted():
    """E(X, Y) with probes on the encoder, the code, their product and what follows."""
    probes = [Probe() for _ in range(3)]
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    encoder = graph(probes[0], graph(xn.Linear(4, 6), x))
    code = graph(probes[1], graph(xn.Linear(2, 3), y))
    mixed = graph(xn.Tanh(), graph(xn.Linear(9, 5), graph(xn.Concatenate(), encoder, code)))
    graph.output("energy", graph(Sum(), graph(probes[2], mixed)))
    return graph, probes


@pytest.mark.parametrize("kind", [xn.Trainer, xn.SimpleTrainer])
def test_the_encoder_runs_on_the_samples_and_the_code_on_the_labels(numpy64, rng, kind):
    net, probes = counted()
    trainer = kind(net)
    x, y, label = rng.normal(size=(B, 4)), rng.normal(size=(K, 2)), rng.integers(K, size=B)
    trainer.run(x, y)
    assert [probe.forward for probe in probes] == [[B], [K], [B * K]]
    trainer.learn_sample(x, label, y, learning_rate=0.1)
    assert [probe.backward for probe in probes] == ([[B], [K], [B * K]] if kind is xn.Trainer else [[B], [B], [B]])


def test_streamed_the_encoder_runs_once_a_step_and_the_rest_once_a_pass_and_tile(numpy64, rng):
    net, probes = counted()
    trainer = xn.Trainer(net, memory=1)
    x, y, label = rng.normal(size=(B, 4)), rng.normal(size=(K, 2)), rng.integers(K, size=B)
    trainer.learn_sample(x, label, y, learning_rate=0.1)
    encoder, code, product = probes
    assert encoder.forward == encoder.backward == [B]
    assert code.backward == [B] + [1] * K  # the desired labels, and each tile
    assert product.backward == [B] * (K + 1)
    assert (code.forward.count(1), code.forward.count(B)) == (2 * K + 1, 1)  # two passes and one to measure
    assert max(product.forward) == B


class Probe(xn.Module):
    """Y = X; takes down how many rows pass in either direction."""

    event_ndims = (1,)

    def __init__(self):
        self.forward, self.backward = [], []

    def fprop(self, input, output):
        self.forward.append(input.x.size // input.x.shape[-1])
        output.x = input.x

    def bprop(self, input, output):
        self.backward.append(input.x.size // input.x.shape[-1])
        input.accumulate(output.cotangent)


# --- the parts ------------------------------------------------------------------------------------------------


def test_a_machine_with_a_cost_is_not_taken_apart():
    machine, cost = xn.Cascade(xn.Linear(3, 4), xn.Tanh(), xn.Linear(4, 2)), xn.Euclidean()
    function = EnergyFunction(machine, cost)
    assert (function.early, function.late) == (machine, cost)
    assert function.metric == "euclidean"
    assert function.event_ndims == (1, 1, 1)
    assert function.depends_on_label


def test_a_cost_that_works_on_labels_is_taken_apart():
    function = EnergyFunction(xn.Linear(3, 2), deep_cost())
    assert isinstance(function.early, Part)
    assert function.metric is None
    assert [box.name for box in function.early.plan().boxes] == ["machine", "cost.tanh1"]


def test_a_discriminant_machine_runs_whole():
    machine = xn.Linear(3, 4)
    function = EnergyFunction(machine, None)
    assert (function.early, function.late, function.depends_on_label) == (None, machine, False)


def test_the_slot_of_the_machines_output_is_kept(numpy64, rng):
    machine = xn.Linear(3, 2)
    trainer = xn.Trainer(machine, deep_cost())
    x, y = rng.normal(size=(4, 3)), rng.normal(size=(5, 2))
    trainer.run(x, y)
    np.testing.assert_allclose(trainer.mout.x[:, 0], x @ machine.weight.x.T + machine.bias.x, rtol=1e-13)


def deep_cost():
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    graph.output("energy", graph(xn.Euclidean(), graph(xn.Tanh(), x), graph(xn.Linear(2, 2), y)))
    return graph
