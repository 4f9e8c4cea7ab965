"""The trainer over all label sequences: answers against enumeration, learning against torch, and a hidden structure."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xpnet as xn
from xpnet.errors import ShapeError
from xpnet.machines.label_sequences import LabelSequences, sequence_machine
from xpnet.machines.recurrent import Recurrent, simple_cell
from xpnet.training.sequence_trainer import SequenceTrainer

LOSSES = ["likelihood", "perceptron", "hinge"]
NO = np.inf
ARCS = np.asarray([[0.3, -0.4, NO], [0.9, 0.1, -0.2], [-0.7, 0.6, 0.2]])
STEPS = 4


def trainer_on(backend=None, loss="likelihood", seed=0, **options):
    """X (…, T, 2) to 3 labels, with arcs of which one is forbidden."""
    labels = LabelSequences(3, ARCS, initial=[0.1, -0.5, 0.4], final=[0.2, 0.0, -0.3])
    machine = xn.Cascade(xn.Linear(2, 4), xn.Tanh(), xn.Linear(4, 3))
    store = xn.ParameterStore(sequence_machine(machine, labels), backend, seed=seed)
    return SequenceTrainer(machine, labels, store, loss, **options)


def enumerated(trainer, x):
    """(energy, path) of every possible sequence in order, in float64 from the trainer's parameters."""
    held = {name: value.astype(np.float64) for name, value in trainer.param.state_dict().items()}
    hidden = np.tanh(np.asarray(x, np.float64) @ held["machine.0.weight"].T + held["machine.0.bias"])
    e = hidden @ held["machine.2.weight"].T + held["machine.2.bias"]
    a = np.where(np.isinf(ARCS), np.inf, held["labels.transitions.value"])
    paths = np.asarray(list(itertools.product(range(3), repeat=len(e))))
    energies = held["labels.initial.value"][paths[:, 0]] + held["labels.final.value"][paths[:, -1]]
    energies = energies + e[np.arange(len(e)), paths].sum(-1) + a[paths[:, :-1], paths[:, 1:]].sum(-1)
    order = np.argsort(energies, kind="stable")[: np.isfinite(energies).sum()]
    return energies[order], paths[order]


@pytest.fixture
def samples(rng, backend):
    return rng.normal(size=(3, STEPS, 2)).astype(backend.dtype_name)


def test_run_and_n_best_are_those_of_all_sequences_enumerated(backend, close, samples):
    trainer = trainer_on(backend)
    labels, energy = trainer.run(samples)
    best = trainer.n_best(samples, 90)
    assert backend.to_numpy(labels).dtype.kind == "i"
    for k, x in enumerate(samples):
        energies, paths = enumerated(trainer, x)
        count = len(paths)
        assert count < 81 < 90
        assert backend.to_numpy(labels)[k].tolist() == paths[0].tolist()
        close(energy[k], energies[0], factor=8)
        assert backend.to_numpy(best.labels)[k, :count].tolist() == paths.tolist()
        close(best.energies[k, :], [*energies, *[NO] * (90 - count)], factor=8)
        assert (backend.to_numpy(best.labels)[k, count:] == -1).all()


def test_a_batch_is_its_samples_one_by_one_with_lengths(backend, close, samples):
    trainer, lengths = trainer_on(backend), [2, STEPS, 1]
    padded = samples.copy()
    padded[0, 2:], padded[2, 1:] = np.nan, 7.0
    labels, energy = trainer.run(padded, lengths)
    best, soft = trainer.n_best(padded, 3, lengths), trainer.posteriors(padded, lengths)
    asked = trainer.answer(padded, lengths, top=3)
    chance = trainer.probability(padded, labels, lengths)
    for k, n in enumerate(lengths):
        x, missing = samples[k, :n], STEPS - n
        alone, its_energy = trainer.run(x)
        assert (tuple(alone.shape), tuple(its_energy.shape)) == ((n,), ())
        assert backend.to_numpy(labels)[k].tolist() == backend.to_numpy(alone).tolist() + [-1] * missing
        close(energy[k], backend.to_numpy(its_energy), factor=8)
        few = trainer.n_best(x, 3)
        assert (tuple(few.labels.shape), tuple(few.energies.shape)) == ((3, n), (3,))
        assert backend.to_numpy(best.labels)[k, :, :n].tolist() == backend.to_numpy(few.labels).tolist()
        assert (backend.to_numpy(best.labels)[k, :, n:] == -1).all()
        close(best.energies[k, :], backend.to_numpy(few.energies), factor=8)
        states = backend.to_numpy(trainer.posteriors(x).states)
        close(soft.states[k, ...], np.concatenate([states, np.zeros((missing, 3))]), factor=16)
        close(asked.margin[k], backend.to_numpy(trainer.answer(x).margin), factor=16)
        close(chance[k], backend.to_numpy(trainer.probability(x, alone)), factor=16)


@pytest.mark.parametrize("beta", [None, 0.4])
def test_what_is_probable_is_the_gibbs_distribution_of_all_sequences(backend, close, samples, beta):
    trainer = trainer_on(backend, beta=1.7)
    used = 1.7 if beta is None else beta
    energies, paths = enumerated(trainer, samples[0])
    weights = np.exp(-used * (energies - energies[0]))
    weights /= weights.sum()
    free = energies[0] + np.log(weights[0]) / used
    soft = trainer.posteriors(samples[0], beta=beta)
    close(soft.states, [[weights[paths[:, t] == k].sum() for k in range(3)] for t in range(STEPS)], factor=16)
    close(soft.free_energy, free, factor=16)
    asked = trainer.answer(samples[0], top=4, beta=beta)
    close(asked.probabilities, weights[:4], factor=32)
    close(asked.margin, energies[1] - energies[0], factor=64)
    close(asked.posteriors, backend.to_numpy(soft.states))
    assert backend.to_numpy(asked.top).tolist() == paths[:4].tolist()
    close(trainer.probability(samples[0], paths[2], beta=beta), weights[2], factor=32)
    partly = (paths[:, 0] == 1) & (paths[:, 2] == 0)
    close(trainer.probability(samples[0], [1, -1, 0, -1], beta=beta), weights[partly].sum(), factor=32)
    close(trainer.probability(samples[0], [0, 2, 0, 0], beta=beta), 0.0)


def test_hmmlearn_agrees_on_the_path(numpy64):
    hmm = pytest.importorskip("hmmlearn.hmm", reason="hmmlearn is not installed: it is the oracle here")
    rng = np.random.default_rng(0)
    model = hmm.CategoricalHMM(n_components=4)
    model.startprob_, model.transmat_ = rng.dirichlet(np.ones(4)), rng.dirichlet(np.ones(4), size=4)
    model.emissionprob_ = rng.dirichlet(np.ones(6), size=4)
    seen = rng.integers(6, size=40)
    table = xn.Lookup(6, 4)
    trainer = SequenceTrainer(table, LabelSequences(4, -np.log(model.transmat_), -np.log(model.startprob_)))
    trainer.param.load_state_dict({**trainer.param.state_dict(), "machine.weight": -np.log(model.emissionprob_.T)})
    score, labels = model.decode(seen[:, None])
    found, energy = trainer.run(seen)
    assert found.tolist() == labels.tolist()
    assert energy == pytest.approx(-score, rel=1e-9)
    total, states = model.score_samples(seen[:, None])
    soft = trainer.posteriors(seen)
    np.testing.assert_allclose(soft.states, states, atol=1e-9)
    assert soft.free_energy == pytest.approx(-total, rel=1e-9)


def torch_loss(torch, name, held, x, labels, margin=1.0):
    """The loss of one sample over all sequences enumerated; unknown labels by their completions."""
    hidden = torch.tanh(torch.tensor(x.astype(np.float64)) @ held["machine.0.weight"].T + held["machine.0.bias"])
    e = hidden @ held["machine.2.weight"].T + held["machine.2.bias"]
    paths = np.asarray(list(itertools.product(range(3), repeat=len(x))))
    paths = paths[np.isfinite(ARCS[paths[:, :-1], paths[:, 1:]]).all(-1)]
    energies = held["labels.initial.value"][paths[:, 0]] + held["labels.final.value"][paths[:, -1]]
    energies = (
        energies
        + e[np.arange(len(e)), paths].sum(-1)
        + held["labels.transitions.value"][paths[:, :-1], paths[:, 1:]].sum(-1)
    )
    differ = ((paths != labels) & (labels >= 0)).sum(-1)
    possible = energies[torch.tensor(differ == 0)]
    if name == "likelihood":
        return torch.logsumexp(-energies, 0) - torch.logsumexp(-possible, 0)
    lowered = torch.tensor(float(name == "hinge") * margin * differ)
    return possible.min() - (energies - lowered).min()


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("kind", ["one", "batch", "lengths", "unknown"])
def test_one_update_against_torch(backend, close, torch, samples, name, kind):
    trainer = trainer_on(backend, name, margin=0.8)
    x, labels = samples, np.asarray([[1, 2, 0, 0], [0, 1, 0, 1], [2, 2, 1, 2]])
    lengths = [3, 4, 1] if kind == "lengths" else None
    if kind == "unknown":
        labels = np.where([[1, 0, 1, 0], [1, 1, 1, 1], [0, 0, 0, 0]], labels, -1)
    if kind == "one":
        x, labels = samples[0], labels[0]
    held = {k: torch.tensor(v.astype(np.float64), requires_grad=True) for k, v in trainer.param.state_dict().items()}
    ends = lengths or [STEPS] * 3
    pairs = [(x, labels)] if kind == "one" else [(x[k, :n], labels[k, :n]) for k, n in enumerate(ends)]
    loss = sum(torch_loss(torch, name, held, *pair, margin=0.8) for pair in pairs) / len(pairs)
    loss.backward()
    value = trainer.learn_sample(x, labels, {"learning_rate": 0.3}, lengths, weight_decay=0.1)
    close(value, loss.item(), factor=32)
    for key, leaf in held.items():
        close(trainer.param[key].x, (leaf - 0.3 * (leaf.grad + 0.1 * leaf)).detach().numpy(), factor=32)
    assert np.isinf(backend.to_numpy(trainer.arcs[0].x)[0, 2])


@pytest.mark.parametrize("name", LOSSES)
def test_gradients_are_central_differences(numpy64, rng, name):
    trainer, x, labels = trainer_on(None, name), rng.normal(size=(2, STEPS, 2)), [[0, 1, 2, 2], [1, 1, 0, 0]]
    before = trainer.param.state_dict()

    def loss_at(values):
        trainer.param.load_state_dict(values)
        return float(trainer.learn_sample(x, labels, learning_rate=0.0))

    trainer.learn_sample(x, labels, learning_rate=1.0)
    slopes = {key: before[key] - after for key, after in trainer.param.state_dict().items()}
    for key, value in before.items():
        for place in np.ndindex(value.shape):
            sides = []
            for step in (1e-6, -1e-6):
                moved = value.copy()
                moved[place] += step
                sides.append(loss_at({**before, key: moved}))
            assert slopes[key][place] == pytest.approx((sides[0] - sides[1]) / 2e-6, abs=1e-7)


def hidden_structure(rng, count, steps):
    """Tags 0 and 1 look alike; only that 1 follows 2, and 0 follows 0 or 1, tells them apart."""
    labels = np.zeros((count, steps), dtype=int)
    for t in range(1, steps):
        after_two = labels[:, t - 1] == 2
        labels[:, t] = np.where(after_two, 1, np.where(rng.random(count) < 0.4, 2, 0))
    seen = (labels == 2).astype(float)
    return np.stack([seen, 1 - seen], axis=-1) + 0.25 * rng.normal(size=(count, steps, 2)), labels


@pytest.mark.parametrize("name", LOSSES)
def test_a_hidden_structure_is_learned(backend, rng, name):
    x, labels = hidden_structure(rng, 40, 8)
    lengths = rng.integers(3, 9, size=40)
    machine = xn.Linear(2, 3)
    trainer = SequenceTrainer(machine, 3, loss=name)
    for _ in range(60):
        trainer.learn_sample(x, labels, lengths=lengths, learning_rate=0.2)
    fresh, wanted = hidden_structure(rng, 50, 20)
    found = backend.to_numpy(trainer.run(fresh)[0])
    assert (found == wanted).mean() > 0.97
    single = (backend.to_numpy(trainer.mout.x).argmin(-1) == wanted).mean()
    assert single < 0.9  # no step tells by itself


def test_partly_known_labels_teach_as_well(numpy64, rng):
    x, labels = hidden_structure(rng, 60, 8)
    labels[rng.random(labels.shape) < 0.5] = -1
    trainer = SequenceTrainer(xn.Linear(2, 3), 3)
    for _ in range(100):
        trainer.learn_sample(x, labels, learning_rate=0.3)
    fresh, wanted = hidden_structure(rng, 50, 20)
    assert (trainer.run(fresh)[0] == wanted).mean() > 0.95


def test_recurrent_machines_with_lengths_and_convolutions(backend, samples):
    recurrent = SequenceTrainer(Recurrent(simple_cell(2, 3), state=3, lengths=True), 3)
    whole = backend.to_numpy(recurrent.run(samples)[1])
    cut = backend.to_numpy(recurrent.run(samples, [2, STEPS, 3])[1])
    assert whole[1] == pytest.approx(cut[1], rel=1e-5)
    assert cut[0] == pytest.approx(float(recurrent.run(samples[0, :2])[1]), rel=1e-5)
    first = float(recurrent.learn_sample(samples, np.zeros((3, STEPS), dtype=int), learning_rate=0.5))
    assert float(recurrent.learn_sample(samples, np.zeros((3, STEPS), dtype=int), learning_rate=0.5)) < first
    convolution = SequenceTrainer(xn.Convolution(2, 3, kernel=2), 3)
    assert tuple(convolution.run(samples)[0].shape) == (3, STEPS - 1)
    images = SequenceTrainer(xn.Cascade(xn.Linear(2, 3)), 3, sample_ndim=3)
    with pytest.raises(ShapeError, match=r"an energy for each of 3 labels at each step, shape \(T, 3\)"):
        images.run(samples)


def test_a_store_that_moves_takes_the_trainer_along(strict_devices, rng):
    trainer, x = trainer_on(strict_devices[0]), rng.normal(size=(STEPS, 2))
    labels, _ = trainer.run(x)
    trainer.param.to(strict_devices[1])
    moved, _ = trainer.run(x)
    assert moved.device == strict_devices[1].device
    assert strict_devices[1].to_numpy(moved).tolist() == strict_devices[0].to_numpy(labels).tolist()
    trainer.learn_sample(x, [0, 0, 1, 1], learning_rate=0.1)


def test_names_slots_and_words():
    trainer = SequenceTrainer(xn.Linear(2, 3), LabelSequences(3, ARCS, final=True), loss="hinge", margin=2.0)
    names = ["machine.weight", "machine.bias", "labels.transitions.value", "labels.initial.value", "labels.final.value"]
    assert trainer.param.names == names
    assert repr(trainer.loss) == "SequenceHinge(3, margin=2.0)"
    words = trainer.explain(steps=20)
    assert "3^20 = 3486784401 sequences of 3 labels; 8 of 9 arcs are allowed" in words
    assert "Linear(2, 3)" in words
    assert "O(T K²)" in words
    assert "all 3^T sequences" in trainer.explain()


@given(st.integers(1, 4), st.integers(1, 3), st.integers(1, 30), st.integers(0, 9))
def test_n_best_is_sorted_and_distinct_and_begins_with_run(steps, n_states, n, seed):
    with xn.use_backend("numpy", dtype="float32"):
        trainer = SequenceTrainer(xn.Linear(2, n_states), n_states)
        x = np.random.default_rng(seed).normal(size=(2, steps, 2)).round()  # so that ties happen
        labels, energy = trainer.run(x)
        best = trainer.n_best(x, n)
    count = min(n, n_states**steps)
    assert (best.labels[:, 0] == labels).all()
    assert (best.energies[:, 0] == energy).all()
    assert (np.diff(best.energies[:, :count], axis=-1) >= 0).all()
    assert all(len(set(map(tuple, rows))) == count for rows in best.labels[:, :count].tolist())
    assert np.isposinf(best.energies[:, count:]).all()
