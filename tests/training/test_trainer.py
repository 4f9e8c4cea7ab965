"""The general trainer: gradients of any loss through all replicas, junk, candidates, soft labels, errors."""

from copy import deepcopy

import numpy as np
import pytest
from label_cases import KINDS, Gradients, loss_of, one_step, problem, same_step, trainer_of

import xpnet as xn
from xpnet.errors import LabelError, NotFiniteError, ShapeError
from xpnet.losses import LOSSES, EnergyLoss, HingeLoss, NegativeLogLikelihood
from xpnet.machines.energy_machine import energy_machine


def machine():
    return xn.Cascade(xn.Linear(3, 4), xn.Tanh(), xn.Linear(4, 2))


def energies_in_torch(torch, values, x, labels):
    """½ ‖W₂ tanh(W₁ x + b₁) + b₂ - y‖² with x (B, 3) and labels (K, 2) or (B, K, 2)."""
    names = sorted(values)
    w = {name: torch.tensor(values[name], requires_grad=True) for name in names}
    h = torch.tanh(torch.tensor(x) @ w["0.weight"].T + w["0.bias"]) @ w["2.weight"].T + w["2.bias"]
    return w, 0.5 * ((h[:, None, :] - torch.tensor(labels)) ** 2).sum(dim=-1)


@pytest.mark.parametrize("candidates", [False, True], ids=["label set", "candidates"])
def test_gradients_of_the_likelihood_against_torch(numpy64, torch, rng, layout, candidates):
    net = machine()
    store = xn.ParameterStore(net, numpy64, layout=layout)
    trainer = xn.Trainer(net, xn.Euclidean(), store)
    x, label = rng.normal(size=(6, 3)), rng.integers(4, size=6)
    labels = rng.normal(size=(6, 4, 2) if candidates else (4, 2))
    before = store.state_dict()
    w, energies = energies_in_torch(torch, before, x, labels)
    wanted = torch.nn.functional.cross_entropy(-energies, torch.tensor(label))
    wanted.backward()
    loss = trainer.learn_sample(x, label, labels, learning_rate=0.1)
    assert float(loss) == pytest.approx(wanted.item(), rel=1e-12)
    for name, value in store.state_dict().items():
        np.testing.assert_allclose(before[name] - value, 0.1 * w[name].grad.numpy(), rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_learns_to_tell_samples_apart(backend, name):
    net = machine()
    options = {"limit": 10.0} if name == "Lvq2Loss" else {}  # by default it gives up on what starts too wrong
    trainer = xn.Trainer(net, xn.Euclidean(), xn.ParameterStore(net, backend, seed=1), loss=LOSSES[name](**options))
    x, labels = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]]
    losses = [float(trainer.learn_sample(x, [0, 1, 2], labels, learning_rate=0.3)) for _ in range(100)]
    index, _ = trainer.run(x, labels)
    assert backend.to_numpy(index).tolist() == [0, 1, 2]
    assert losses[-1] < losses[0]


def test_energy_loss_equals_the_simple_trainer(backend, close, rng):
    one, other = machine(), machine()
    general = xn.Trainer(one, xn.Euclidean(), xn.ParameterStore(one, backend), loss=EnergyLoss())
    simple = xn.SimpleTrainer(other, xn.Euclidean(), xn.ParameterStore(other, backend))
    x, labels, label = rng.normal(size=(5, 3)), rng.normal(size=(4, 2)), rng.integers(4, size=5)
    for _ in range(10):
        a = general.learn_sample(x, label, labels, learning_rate=0.1)
        b = simple.learn_sample(x, label, labels, learning_rate=0.1)
    close(a, float(b), factor=20)
    for name, value in simple.param.state_dict().items():
        close(general.param[name].x, value, factor=20)


def test_a_single_sample_is_a_batch_of_one(backend, close, rng):
    nets = machine(), machine()
    one, other = (xn.Trainer(net, xn.Euclidean(), xn.ParameterStore(net, backend), junk=xn.Junk(1.0)) for net in nets)
    x, labels = rng.normal(size=3), rng.normal(size=(4, 2))
    a = one.learn_sample(x, 2, labels, learning_rate=0.1)
    b = other.learn_sample(x[None], [2], labels, learning_rate=0.1)
    assert tuple(a.shape) == ()
    close(a, float(b), factor=4)
    for name, value in one.param.state_dict().items():
        close(other.param[name].x, value, factor=4)


def test_soft_labels_are_desired_distributions(numpy64, torch, rng):
    net = machine()
    trainer = xn.Trainer(net, xn.Euclidean(), xn.ParameterStore(net, numpy64))
    x, labels, desired = rng.normal(size=(6, 3)), rng.normal(size=(4, 2)), rng.dirichlet(np.ones(4), size=6)
    _, energies = energies_in_torch(torch, trainer.param.state_dict(), x, labels)
    wanted = torch.nn.functional.cross_entropy(-energies, torch.tensor(desired))
    assert float(trainer.learn_sample(x, desired, labels, learning_rate=0.1)) == pytest.approx(wanted.item(), rel=1e-12)
    with pytest.raises(LabelError, match="does not sum to 1"):
        trainer.learn_sample(x, 2 * desired, labels, learning_rate=0.1)
    with pytest.raises(ShapeError, match=r"have shape \(6, 4\); got \(6, 3\)"):
        trainer.learn_sample(x, desired[:, :3], labels, learning_rate=0.1)
    assert np.isfinite(float(trainer.learn_sample(x[0], [0.5, 0.5, 0, 0], labels, learning_rate=0.1)))


# --- junk ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", [NegativeLogLikelihood, HingeLoss])
@pytest.mark.parametrize("trainable", [False, True])
def test_none_of_the_above_may_appear_in_training(backend, loss, trainable):
    net, junk = machine(), xn.Junk(0.5, trainable=trainable)
    store = xn.ParameterStore(energy_machine(net, xn.Euclidean(), junk), backend, seed=2)
    trainer = xn.Trainer(net, xn.Euclidean(), store, loss=loss(), junk=junk)
    x, labels = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], [[2.0, 0.0], [0.0, 2.0]]
    for _ in range(200):
        trainer.learn_sample(x, [0, 1, -1], labels, learning_rate=0.2)
    index, energies = trainer.run(x, labels)
    assert backend.to_numpy(index).tolist() == [0, 1, 2]
    assert tuple(energies.shape) == (3, 3)
    start = np.full(3, 0.5)
    moved = not np.allclose(backend.to_numpy(energies)[:, 2], start)
    assert moved is trainable


def test_minus_one_and_k_are_the_same_answer(numpy64, rng):
    nets = machine(), machine()
    x, labels = rng.normal(size=(2, 3)), rng.normal(size=(4, 2))
    found = []
    for net, label in zip(nets, ([1, -1], [1, 4]), strict=True):
        trainer = xn.Trainer(net, xn.Euclidean(), xn.ParameterStore(net, numpy64), junk=xn.Junk(0.3))
        trainer.learn_sample(x, label, labels, learning_rate=0.1)
        found.append(trainer.param.state_dict())
    assert all(np.array_equal(found[0][name], found[1][name]) for name in found[0])


def test_without_junk_every_sample_needs_its_answer_in_the_set(backend):
    net = machine()
    trainer = xn.Trainer(net, xn.Euclidean(), xn.ParameterStore(net, backend))
    before = trainer.param.state_dict()
    with pytest.raises(LabelError, match=r"got -1 to 1\. .None of the above. \(-1\) needs a junk category"):
        trainer.learn_sample(np.ones((2, 3)), [1, -1], np.eye(2), learning_rate=0.1)
    with pytest.raises(LabelError, match="between 0 and 1"):
        trainer.learn_sample(np.ones((2, 3)), [1, 2], np.eye(2), learning_rate=0.1)
    assert all((before[name] == value).all() for name, value in trainer.param.state_dict().items())


# --- energies of their own -----------------------------------------------------------------------------------


def test_a_discriminant_machine_gives_all_energies_at_once(numpy64, torch, rng):
    """The lecture's multiclass classifier: one energy a class, MAP/MLE, then the smallest is switched in."""
    net = xn.Linear(3, 4)
    trainer = xn.Trainer(net, param=xn.ParameterStore(net, numpy64), loss=NegativeLogLikelihood(beta=2.0))
    x, label = rng.normal(size=(6, 3)), rng.integers(4, size=6)
    w = torch.tensor(net.weight.x.copy(), requires_grad=True)
    wanted = torch.nn.functional.cross_entropy(-2.0 * (torch.tensor(x) @ w.T), torch.tensor(label)) / 2.0
    wanted.backward()
    before = net.weight.x.copy()
    loss = trainer.learn_sample(x, label, learning_rate=0.1)
    assert float(loss) == pytest.approx(wanted.item(), rel=1e-12)
    np.testing.assert_allclose(before - net.weight.x, 0.1 * w.grad.numpy(), rtol=1e-9)
    index, energies = trainer.run(x)
    assert (index == energies.argmin(axis=-1)).all()


def test_parameters_of_cost_and_junk_are_stored_and_learn(backend):
    net, junk = machine(), xn.Junk(0.5, trainable=True)
    cost = xn.Graph()
    x, y = cost.input("x"), cost.input("y")
    cost.output("energy", cost(xn.Euclidean(), x, cost(xn.Linear(3, 2), y)))
    trainer = xn.Trainer(net, cost, junk=junk)
    assert {"machine.0.weight", "cost.linear1.weight", "junk.energy"} <= set(trainer.param.names)
    before = trainer.param.state_dict()
    trainer.learn_sample(np.ones((2, 3)), [0, -1], np.eye(3), learning_rate=0.1)
    assert all((before[name] != value).any() for name, value in trainer.param.state_dict().items())


def test_a_forbidden_label_is_fine_unless_desired(numpy64):
    """E(X, Y) with +∞ for a label that is not to be given."""
    net = xn.Graph()
    x, y = net.input("x"), net.input("y")
    energy = net(xn.Euclidean(), net(xn.Linear(2, 2), x), y)
    net.output("energy", net(xn.Plus(), energy, net(Barrier(), y)))
    trainer = xn.Trainer(net, param=xn.ParameterStore(net, numpy64))
    labels = np.asarray([[0.0, 1.0], [1.0, 0.0], [9.0, 9.0]])
    assert np.isfinite(float(trainer.learn_sample(np.ones((2, 2)), [0, 1], labels, learning_rate=0.1)))
    before = trainer.param.state_dict()
    with pytest.raises(NotFiniteError, match="the loss is inf"):
        trainer.learn_sample(np.ones((2, 2)), [0, 2], labels, learning_rate=0.1)
    assert all((before[name] == value).all() for name, value in trainer.param.state_dict().items())


class Barrier(xn.Module):
    """+∞ for labels above 5, else 0."""

    event_ndims = (1,)

    def fprop(self, input, output):
        output.x = self.xp.where(input.x[..., 0] > 5, self.xp.inf, self.xp.zeros_like(input.x[..., 0]))

    def bprop(self, input, output):
        pass

    def bbprop(self, input, output):
        pass


@pytest.mark.parametrize("batched", [False, True])
def test_the_desired_answer_need_not_be_among_the_candidates(backend, close, rng, batched):
    machine = xn.Cascade(xn.Linear(3, 4), xn.Tanh(), xn.Linear(4, 2))
    samples, candidates, desired = rng.normal(size=(5, 3)), rng.normal(size=(4, 2)), rng.normal(size=(5, 2))
    if not batched:
        samples, desired = samples[0], desired[0]
    whole = np.concatenate([np.broadcast_to(candidates, (5, 4, 2)), desired[:, None]], axis=1) if batched else (
        np.concatenate([candidates, desired[None]]))  # fmt: skip
    outside, inside = (
        xn.Trainer(m, xn.Euclidean(), xn.ParameterStore(m, backend)) for m in (machine, deepcopy(machine))
    )
    rule = {"learning_rate": 0.1}
    loss = outside.learn_sample(samples, None, candidates, rule, desired=desired)
    close(inside.learn_sample(samples, [4] * 5 if batched else 4, whole, rule), backend.to_numpy(loss))
    for name, value in inside.param.state_dict().items():
        close(outside.param[name].x, value)


def test_a_desired_answer_beside_a_label_is_refused(rng):
    trainer = xn.Trainer(xn.Linear(3, 2), xn.Euclidean())
    samples, candidates = rng.normal(size=(5, 3)), np.eye(2)
    with pytest.raises(LabelError, match="give a label_set, and label=None"):
        trainer.learn_sample(samples, 0, candidates, learning_rate=0.1, desired=rng.normal(size=(5, 2)))
    with pytest.raises(ShapeError, match=r"desired labels have shape \(5, 2\), one for each sample; got \(5, 3\)"):
        trainer.learn_sample(samples, None, candidates, learning_rate=0.1, desired=rng.normal(size=(5, 3)))


# --- masks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shared", [True, False])
def test_absent_answers_do_not_compete(numpy64, torch, rng, shared):
    net = machine()
    trainer, rule = xn.Trainer(net, xn.Euclidean()), Gradients()
    x, labels, label = rng.normal(size=(6, 3)), rng.normal(size=(4, 2)), np.asarray([0, 1, 3, 3, 1, 0])
    mask = (
        np.asarray([True, True, False, True]) if shared else np.eye(4, dtype=bool)[label] | (rng.random((6, 4)) > 0.5)
    )
    w, energies = energies_in_torch(torch, trainer.param.state_dict(), x, labels)
    wanted = torch.nn.functional.cross_entropy(
        -energies.masked_fill(torch.tensor(~mask), torch.inf), torch.tensor(label)
    )
    wanted.backward()
    assert float(trainer.learn_sample(x, label, labels, rule, mask=mask)) == pytest.approx(wanted.item(), rel=1e-12)
    rule.compare({name: tensor.grad.numpy() for name, tensor in w.items()}, 1e-11)


@pytest.mark.parametrize("memory", ["1 GiB", 1000])
@pytest.mark.parametrize("kind", KINDS)
def test_absent_codes_may_be_anything_at_all(backend, rng, kind, memory):
    """NaN or infinity in place of absent codes changes no energy, no loss and no gradient."""
    given = problem(rng)
    given.masks[:, np.flatnonzero(~given.mask)[0]] = False
    for codes, mask in given.settings.values():
        if mask is None:
            continue
        absent = np.broadcast_to(~mask, codes.shape[:-1]) if codes.ndim == 3 else ~np.atleast_2d(mask).any(axis=0)
        for name, junk, bad in (("NegativeLogLikelihood", True, np.nan), ("HingeLoss", False, np.inf)):
            anything = np.where(absent[..., None], bad, codes)
            trainers = [trainer_of(kind, memory, loss_of(name), junk=junk) for _ in range(2)]
            asked = list(zip(trainers, (anything, codes), strict=True))
            same_step(*(one_step(trainer, given.x, given.label, y, mask=mask) for trainer, y in asked), 0.0)
            np.testing.assert_array_equal(
                *(backend.to_numpy(trainer.run(given.x, y, mask=mask)[1]) for trainer, y in asked)
            )


def test_a_mask_for_a_discriminant_machine(numpy64, rng):
    trainer, rule, x = xn.Trainer(xn.Linear(3, 4)), Gradients(), rng.normal(size=(5, 3))
    mask = np.asarray([True, False, True, True])
    loss = float(trainer.learn_sample(x, [0, 2, 3, 0, 2], None, rule, mask=mask))
    assert (rule.found["weight"][1] == 0).all()
    energies = trainer.run(x)[1][:, mask]
    picked = energies[range(5), [0, 1, 2, 0, 1]]
    assert loss == pytest.approx((picked + np.log(np.exp(-energies).sum(axis=-1))).mean(), rel=1e-12)


@pytest.mark.parametrize("loss", LOSSES)
def test_an_absent_answer_that_is_desired_is_an_error(numpy64, rng, loss):
    given = problem(rng)
    given.masks[2, given.label[2]] = False
    for memory in ("1 GiB", 1000):
        trainer = trainer_of("euclidean", memory, loss_of(loss))
        before = trainer.param.state_dict()
        with pytest.raises(LabelError, match="the mask leaves out the desired label of sample 2"):
            trainer.learn_sample(given.x, given.label, given.y, learning_rate=0.1, mask=given.masks)
        np.testing.assert_equal(trainer.param.state_dict(), before)
