"""The simple trainer of the lecture: answers by energies, learning by the energy loss."""

import copy

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import LabelError, NotFiniteError, ParameterError, PlacementError, RecipeError, ShapeError

LABELS = np.asarray([[1.0, -1.0], [-1.0, 1.0], [0.5, 0.5]])


def trainer_on(backend, layout=None, seed=3):
    machine = xn.Cascade(xn.Linear(4, 5), xn.Tanh(), xn.Linear(5, 2))
    return xn.SimpleTrainer(machine, xn.Euclidean(), xn.ParameterStore(machine, backend, seed=seed, layout=layout))


def energy_machine():
    """E(x, y) = ½ ‖y - B x‖² + ½ ‖W tanh(A (x | y)) - y‖²: the label enters in two places."""
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    hidden = graph(xn.Tanh(), graph(xn.Linear(6, 4), graph(xn.Concatenate(), x, y)))
    joint = graph(xn.Linear(4, 2), hidden)
    direct = graph(xn.Euclidean(), y, graph(xn.Linear(4, 2), x))
    indirect = graph(xn.Euclidean(), joint, y)
    graph.output("energy", graph(xn.Plus(), direct, indirect))
    return graph


def one_energy(trainer, x, y):
    """The energy of one pair by the bare object interface, in a loop."""
    backend, energy = trainer.param.backend, xn.State()
    a, b, out = xn.State(backend.asarray(x)), xn.State(backend.asarray(y)), xn.State()
    if trainer.cost is None:
        trainer.machine.fprop(a, b, energy)
    else:
        trainer.machine.fprop(a, out)
        trainer.cost.fprop(out, b, energy)
    return float(backend.to_numpy(energy.x))


def test_the_slots_are_the_lectures(backend):
    trainer = trainer_on(backend)
    for slot in ("input", "output", "machine", "mout", "cost", "energy", "param"):
        assert getattr(trainer, slot) is not None
    trainer.run(np.ones(4), LABELS)
    assert tuple(trainer.mout.x.shape) == (2,)
    assert tuple(trainer.energy.x.shape) == (3,)


@pytest.mark.parametrize("kind", ["machine and cost", "energy machine"])
def test_run_is_a_loop_over_labels_done_at_once(backend, close, rng, kind):
    if kind == "energy machine":
        machine = energy_machine()
        trainer = xn.SimpleTrainer(machine, None, xn.ParameterStore(machine, backend))
    else:
        trainer = trainer_on(backend)
    samples, candidates = rng.normal(size=(3, 4)), rng.normal(size=(3, 6, 2))
    for batch, label_set in ((samples, LABELS), (samples, candidates), (samples[:1], LABELS), (samples, LABELS[:1])):
        index, energies = trainer.run(batch, label_set)
        sets = label_set if label_set.ndim == 3 else [label_set] * len(batch)
        wanted = np.asarray(
            [[one_energy(trainer, x, y) for y in labels] for x, labels in zip(batch, sets, strict=True)]
        )
        close(energies, wanted, factor=8)
        assert backend.to_numpy(index).tolist() == wanted.argmin(axis=-1).tolist()
    index, energies = trainer.run(samples[0], LABELS)
    assert tuple(index.shape) == ()
    close(energies, [one_energy(trainer, samples[0], y) for y in LABELS], factor=8)


def test_energies_may_be_written_where_the_caller_wants(backend, close):
    trainer, room = trainer_on(backend), backend.zeros((2, 3))
    _, energies = trainer.run(np.ones((2, 4)), LABELS, room)
    close(room, backend.to_numpy(energies))


def test_ties_go_to_the_first_and_forbidden_labels_lose(backend):
    trainer = trainer_on(backend)
    index, _ = trainer.run(np.ones(4), np.stack([LABELS[2] + 9, LABELS[1], LABELS[1], LABELS[1]]))
    assert int(index) == 1
    one = xn.SimpleTrainer(xn.Cascade(xn.Bias(1)), xn.Euclidean())
    index, energies = one.run(np.zeros((1, 1)), np.asarray([[[np.inf], [3.0]]]))
    assert np.asarray(backend.to_numpy(energies)).tolist() == [[np.inf, 4.5]]
    assert np.asarray(backend.to_numpy(index)).tolist() == [1]


@pytest.mark.parametrize("batch", [None, 1, 5])
def test_one_update_against_torch(backend, close, layout, torch, rng, batch):
    trainer = trainer_on(backend, layout)
    x = rng.normal(size=(4,) if batch is None else (batch, 4)).astype(backend.dtype_name)
    label = 2 if batch is None else rng.integers(0, 3, size=batch)
    before = {name: value.astype(np.float64) for name, value in trainer.param.state_dict().items()}
    energy = trainer.learn_sample(x, label, LABELS, {"learning_rate": 0.3}, weight_decay=0.1)
    held = {name: torch.tensor(value, requires_grad=True) for name, value in before.items()}
    hidden = torch.tanh(torch.tensor(x.astype(np.float64)) @ held["0.weight"].T + held["0.bias"])
    out = hidden @ held["2.weight"].T + held["2.bias"]
    loss = (0.5 * (out - torch.tensor(LABELS[label])) ** 2).sum(-1).mean()
    loss.backward()
    close(energy, loss.item(), factor=4)
    for name, leaf in held.items():
        close(trainer.param[name].x, (leaf - 0.3 * (leaf.grad + 0.1 * leaf)).detach().numpy(), factor=4)


def test_a_batch_learns_from_the_mean_of_its_samples(numpy64, rng):
    batch, alone = (trainer_on(numpy64) for _ in range(2))
    x, label = rng.normal(size=(4, 4)), np.asarray([0, 1, 2, 1])
    before = alone.param.state_dict()
    steps = []
    for k in range(4):
        alone.param.load_state_dict(before)
        alone.learn_sample(x[k], int(label[k]), LABELS, learning_rate=0.1)
        steps.append({name: value - before[name] for name, value in alone.param.state_dict().items()})
    batch.learn_sample(x, label, LABELS, learning_rate=0.1)
    for name, value in batch.param.state_dict().items():
        np.testing.assert_allclose(value - before[name], np.mean([s[name] for s in steps], axis=0), atol=1e-15)


def test_an_energy_machine_learns(backend, rng):
    machine = energy_machine()
    trainer = xn.SimpleTrainer(machine, None, xn.ParameterStore(machine, backend))
    x = rng.normal(size=(30, 4))
    label = (x[:, 0] > 0).astype(int)
    energies = [float(trainer.learn_sample(x, label, LABELS[:2], learning_rate=0.1)) for _ in range(60)]
    assert energies[-1] < 0.5 * energies[0]
    index, _ = trainer.run(x, LABELS[:2])
    assert (backend.to_numpy(index) == label).mean() > 0.9


def test_candidates_per_sample_in_learning(numpy64, rng):
    shared, own = (trainer_on(numpy64) for _ in range(2))
    x, label = rng.normal(size=(3, 4)), np.asarray([2, 0, 1])
    shared.learn_sample(x, label, LABELS, learning_rate=0.1)
    own.learn_sample(x, label, np.broadcast_to(LABELS, (3, 3, 2)), learning_rate=0.1)
    np.testing.assert_equal(own.param.state_dict(), shared.param.state_dict())


def test_wrong_rates_and_a_store_of_another_machine(numpy64):
    trainer = trainer_on(numpy64)
    with pytest.raises(RecipeError, match="learning_rate must be finite and at least 0; got -1"):
        trainer.learn_sample(np.ones(4), 0, LABELS, learning_rate=-1.0)
    with pytest.raises(ParameterError, match="parameter 'weight' of Linear is not in the given store; make the store"):
        xn.SimpleTrainer(xn.Linear(2, 2), xn.Euclidean(), xn.ParameterStore(xn.Linear(2, 2)))


def test_states_of_mixed_devices_meet_an_error(strict_devices):
    first, second = strict_devices
    trainer = trainer_on(first)
    with pytest.raises(PlacementError, match="an array on device2 was handed to"):
        trainer.run(second.ones((4,)), LABELS)
    with pytest.raises(PlacementError, match="an array on device2 was handed to"):
        trainer.run(np.ones(4), second.ones((3, 2)))


def test_the_label_itself_may_be_given(backend, close, rng):
    """For answers that are not chosen from a set; a batch or one sample."""
    for shape in ((5,), ()):
        pointed, given = trainer_on(backend), trainer_on(backend)
        x, label = rng.normal(size=(*shape, 4)), rng.integers(3, size=shape)
        energy = pointed.learn_sample(x, label, LABELS, learning_rate=0.1)
        close(given.learn_sample(x, None, learning_rate=0.1, desired=LABELS[label]), float(energy))
        for name, value in pointed.param.state_dict().items():
            close(given.param[name].x, value)


def test_the_label_itself_excludes_other_ways(numpy64):
    trainer, x = trainer_on(numpy64), np.ones((2, 4))
    codes = xn.modules.Trainable((3, 2))
    learned = xn.SimpleTrainer(xn.Linear(4, 2), xn.Euclidean(), labels=codes)
    for each, label, label_set in ((trainer, [0, 1], None), (trainer, None, LABELS), (learned, None, None)):
        with pytest.raises(LabelError, match="desired= brings the label itself: give label=None and no label_set"):
            each.learn_sample(x, label, label_set, learning_rate=0.1, desired=LABELS[:2])
    with pytest.raises(ShapeError, match=r"desired labels have shape \(2, 2\), one for each sample; got \(3, 2\)"):
        trainer.learn_sample(x, None, learning_rate=0.1, desired=LABELS)


def test_the_label_itself_beside_a_latent_variable(numpy64, rng):
    cost = xn.Graph()
    h, y, z = (cost.input(name) for name in ("h", "y", "z"))
    cost.output("energy", cost(xn.Euclidean(), cost(xn.Plus(), h, z), y))
    trainer = xn.SimpleTrainer(xn.Linear(4, 2), cost, latent=xn.Min())
    x, desired, latents = rng.normal(size=(3, 4)), rng.normal(size=(3, 2)), rng.normal(size=(5, 2))
    out = x @ trainer.machine.weight.x.T + trainer.machine.bias.x
    wanted = 0.5 * ((out[:, None] + latents - desired[:, None]) ** 2).sum(axis=-1).min(axis=-1).mean()
    energy = trainer.learn_sample(x, None, learning_rate=0.1, desired=desired, latent_set=latents)
    assert float(energy) == pytest.approx(wanted, rel=1e-12)


def test_a_label_set_that_learns_meets_its_samples(numpy64, rng):
    """Only with a machine that cannot follow: each code ends as the mean of its samples."""
    codes = xn.modules.Trainable((3, 2), lambda generator, shape: LABELS.copy())
    trainer = xn.SimpleTrainer(xn.Tanh(), xn.Euclidean(), labels=codes)
    x, label = rng.normal(size=(12, 2)), np.repeat([0, 2], 6)
    for _ in range(200):
        trainer.learn_sample(x, label, learning_rate=1.0)
    means = np.tanh(x).reshape(2, 6, 2).mean(axis=1)
    np.testing.assert_allclose(codes.value.x, [means[0], LABELS[1], means[1]], atol=1e-12)


def test_a_cost_that_takes_integers_has_them_for_its_label_set(numpy64, rng):
    """Softmax, then the log loss of an integer: the lecture's boxes, trained as any cost is."""
    machine = xn.Cascade(xn.Linear(3, 4), xn.Softmax())
    trainer = xn.SimpleTrainer(machine, xn.LogLoss(), xn.ParameterStore(machine, numpy64))
    sample = rng.normal(size=(6, 3))
    label, label_set = np.asarray([0, 3, 1, 2, 2, 0]), np.arange(4)
    index, energies = trainer.run(sample, label_set)
    weight, bias = (machine.modules[0].weight.x, machine.modules[0].bias.x)
    scores = sample @ weight.T + bias
    wanted = scores + np.log(np.exp(-scores).sum(axis=1, keepdims=True))  # -log P_k with P = exp(-s) / Σ exp(-s)
    np.testing.assert_allclose(energies, wanted, rtol=1e-12)
    np.testing.assert_array_equal(index, wanted.argmin(axis=1))
    losses = [trainer.learn_sample(sample, label, label_set, learning_rate=0.5) for _ in range(100)]
    assert losses[0] == pytest.approx(wanted[np.arange(6), label].mean(), rel=1e-12)
    assert losses[-1] < 0.5 * losses[0]
    given = trainer.learn_sample(sample, None, desired=label, learning_rate=0.0)
    assert given == pytest.approx(trainer.learn_sample(sample, label, label_set, learning_rate=0.0))


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_an_infinite_sample_does_not_reach_the_parameters(bad, rng):
    """tanh hides it from the energy, and its gradient is NaN."""
    machine = xn.Cascade(xn.Linear(2, 3), xn.Tanh())
    trainer = xn.SimpleTrainer(machine, xn.Euclidean(), xn.ParameterStore(machine, "numpy"))
    sample, before = np.asarray([[0.0, 1.0], [bad, 1.0]]), trainer.param.state_dict()
    with pytest.raises(NotFiniteError, match=r"sample is not finite at index \(1, 0\); clean the data"):
        trainer.learn_sample(sample, [0, 1], np.eye(3)[:2], learning_rate=0.1)
    for name, value in trainer.param.state_dict().items():
        np.testing.assert_array_equal(value, before[name])
    huge = np.asarray([[3e38, -3e38], [3e38, 0.0]])  # finite, whatever their sums are
    trainer._require_finite_sample(trainer._ask(huge, np.eye(3)[:2]))


def test_a_copied_trainer_learns_on_its_own(backend, rng):
    machine = xn.Cascade(xn.Linear(2, 3), xn.Tanh())
    trainer = xn.SimpleTrainer(machine, xn.Euclidean(), xn.ParameterStore(machine, backend, seed=1))
    step = (rng.normal(size=(4, 2)), [0, 1, 0, 1], np.eye(3)[:2])
    trainer.learn_sample(*step, learning_rate=0.1, inertia=0.5)
    copied, before = copy.deepcopy(trainer), trainer.param.state_dict()
    copied.learn_sample(*step, learning_rate=0.1, inertia=0.5)
    for name, value in trainer.param.state_dict().items():
        np.testing.assert_array_equal(value, before[name])
    trainer.learn_sample(*step, learning_rate=0.1, inertia=0.5)
    for name, value in trainer.param.state_dict().items():
        np.testing.assert_array_equal(value, copied.param.state_dict()[name])


def test_a_learning_rate_that_is_an_array_is_read_at_each_step():
    machine = xn.Linear(2, 3)
    trainer = xn.SimpleTrainer(machine, xn.Euclidean(), xn.ParameterStore(machine, "numpy"))
    rate, step = np.asarray(0.1), (np.ones((1, 2)), [0], np.eye(3))
    trainer.learn_sample(*step, learning_rate=rate)
    rate[...] = 0.0
    before = trainer.param.state_dict()
    trainer.learn_sample(*step, learning_rate=rate)
    for name, value in trainer.param.state_dict().items():
        np.testing.assert_array_equal(value, before[name])
