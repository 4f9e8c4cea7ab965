"""What both trainers share: inference, the ways a machine may give energies, and the store's completeness."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import GraphError, LabelError, ParameterError, PlacementError, ShapeError
from xpnet.losses import NegativeLogLikelihood
from xpnet.machines.energy_machine import energy_machine
from xpnet.training.energy_trainer import EnergyTrainer


@pytest.mark.parametrize("kind", [xn.SimpleTrainer, xn.Trainer])
def test_both_trainers_infer_alike(backend, close, rng, kind):
    machine = xn.Cascade(xn.Linear(3, 4), xn.Tanh(), xn.Linear(4, 2))
    trainer = kind(machine, xn.Euclidean(), xn.ParameterStore(machine, backend))
    assert isinstance(trainer, EnergyTrainer)
    whole = kind(energy_machine(machine, xn.Euclidean()), None, xn.ParameterStore(machine, backend))
    samples, label_set = rng.normal(size=(5, 3)), rng.normal(size=(4, 2))
    index, energies = trainer.run(samples, label_set)
    assert tuple(index.shape) == (5,)
    close(whole.run(samples, label_set)[1], backend.to_numpy(energies), factor=4)
    one, alone = trainer.run(samples[2], label_set)
    close(alone, backend.to_numpy(energies)[2], factor=4)
    assert int(one) == int(index[2])


def test_a_parameter_outside_the_store_is_told_with_the_remedy():
    cost = xn.Graph()
    x, y = cost.input("x"), cost.input("y")
    cost.output("energy", cost(xn.Euclidean(), cost(xn.Linear(2, 2), x), y))
    machine = xn.Linear(3, 2)
    with pytest.raises(ParameterError, match=r"is not in the given store.*energy_machine\(machine, cost\)"):
        xn.Trainer(machine, cost, xn.ParameterStore(machine))
    xn.Trainer(machine, cost, xn.ParameterStore(energy_machine(machine, cost)))
    xn.Trainer(machine, cost)


def test_the_simple_trainer_needs_a_label_somewhere():
    with pytest.raises(ShapeError, match="must take a sample and a label; Linear has one input"):
        xn.SimpleTrainer(xn.Linear(2, 2))


def test_a_discriminant_machine_takes_no_label_set(numpy64):
    trainer = xn.Trainer(xn.Linear(2, 3))
    _, energies = trainer.run(np.ones((4, 2)))
    assert energies.shape == (4, 3)
    with pytest.raises(LabelError, match="leave label_set out"):
        trainer.run(np.ones((4, 2)), np.eye(3))


def test_an_empty_store_is_kept():
    store = xn.ParameterStore(xn.Tanh())
    assert xn.SimpleTrainer(xn.Tanh(), xn.Euclidean(), store).param is store


@pytest.mark.parametrize("kind", [xn.SimpleTrainer, xn.Trainer])
def test_a_trainer_follows_its_store_to_another_backend(rng, kind):
    machine = xn.Cascade(xn.Linear(3, 4), xn.Tanh(), xn.Linear(4, 2))
    here = xn.get_backend("numpy", dtype="float64")
    there = xn.get_backend("strict", device="device1", dtype="float64")
    trainer = kind(machine, xn.Euclidean(), xn.ParameterStore(machine, here))
    samples, label_set, rule = rng.normal(size=(5, 3)), np.eye(2), {"learning_rate": 0.1, "inertia": 0.5}
    trainer.learn_sample(samples, [0, 1, 0, 1, 1], label_set, rule)
    expected = here.to_numpy(trainer.run(samples, label_set)[1])
    trainer.param.to(there)
    _, energies = trainer.run(samples, label_set)
    assert energies.device == there.device
    assert abs(there.to_numpy(energies) - expected).max() < 1e-12
    trainer.learn_sample(samples, [0, 1, 0, 1, 1], label_set, rule)
    assert abs(there.to_numpy(trainer.run(samples, label_set)[1]) - expected).max() > 1e-6


@pytest.mark.parametrize("kind", [xn.SimpleTrainer, xn.Trainer])
def test_parts_that_are_no_modules_are_named(kind):
    with pytest.raises(GraphError, match="a trainer's cost must be a module; got the class Euclidean: make an"):
        kind(xn.Linear(2, 2), xn.Euclidean)
    with pytest.raises(GraphError, match="a trainer's machine must be a module; got a list"):
        kind([xn.Linear(2, 2)], xn.Euclidean())


def test_a_loss_is_a_module_too():
    with pytest.raises(GraphError, match="a trainer's loss must be a module; got 'nll'"):
        xn.Trainer(xn.Linear(2, 2), xn.Euclidean(), loss="nll")


@pytest.mark.parametrize("kind", [xn.SimpleTrainer, xn.Trainer])
def test_an_empty_batch_has_no_mean(numpy64, kind):
    trainer = kind(xn.Linear(2, 2), xn.Euclidean())
    with pytest.raises(ShapeError, match=r"an empty batch has no mean: energies have shape \(0,\); give at least one"):
        trainer.learn_sample(np.zeros((0, 2)), np.zeros(0, dtype=int), np.eye(2), learning_rate=0.1)


# --- masks, memory, labels that learn, latent values ------------------------------------------------------------


@pytest.mark.parametrize("kind", [xn.SimpleTrainer, xn.Trainer])
@pytest.mark.parametrize("memory", ["1 GiB", 300])
def test_both_find_the_best_labels_of_any_set(numpy64, rng, kind, memory):
    trainer = kind(xn.Linear(3, 2), xn.Euclidean(), memory=memory)
    samples, label_set, mask = rng.normal(size=(5, 3)), rng.normal(size=(40, 2)), np.arange(40) % 3 > 0
    energies = np.where(mask, kind(xn.Linear(3, 2), xn.Euclidean()).run(samples, label_set)[1], np.inf)
    found, lowest = trainer.run(samples, label_set, top=3, mask=mask)
    np.testing.assert_array_equal(found, np.argsort(energies, axis=-1)[:, :3])
    np.testing.assert_allclose(lowest, np.sort(energies, axis=-1)[:, :3], rtol=1e-12)
    assert trainer.answer(samples, label_set, mask=mask).index.tolist() == found[:, 0].tolist()
    index, every = trainer.run(samples, label_set, mask=mask)
    np.testing.assert_allclose(every, energies, rtol=1e-12)
    assert index.tolist() == found[:, 0].tolist()


@pytest.mark.parametrize("kind", [xn.SimpleTrainer, xn.Trainer])
def test_probabilities_are_of_the_losss_own_temperature(numpy64, rng, kind):
    options = {"loss": NegativeLogLikelihood(3.0)} if kind is xn.Trainer else {}
    trainer = kind(xn.Linear(3, 2), xn.Euclidean(), **options)
    samples, label_set = rng.normal(size=(5, 3)), rng.normal(size=(4, 2))
    energies = trainer.run(samples, label_set)[1]
    for asked, beta in ((None, 3.0 if kind is xn.Trainer else 1.0), (0.5, 0.5)):
        found = trainer.answer(samples, label_set, beta=asked)
        p = np.exp(-beta * energies)
        np.testing.assert_allclose(found.probability, (p / p.sum(-1, keepdims=True)).max(axis=-1), rtol=1e-12)
        assert found.beta == beta


@pytest.mark.parametrize("kind", [xn.SimpleTrainer, xn.Trainer])
def test_what_learns_beside_the_machine_is_in_the_default_store(kind):
    labels, latent = xn.modules.Trainable((4, 2)), xn.Logsum(trainable=True)
    cost = xn.Graph()
    h, y, z = (cost.input(name) for name in ("h", "y", "z"))
    cost.output("energy", cost(xn.Euclidean(), cost(xn.Plus(), h, z), y))
    trainer = kind(xn.Linear(3, 2), cost, labels=labels, latent=latent)
    stored = {id(trainer.param[name]) for name in trainer.param}
    assert id(labels.value) in stored
    assert len(stored) == 4
    machine = xn.Linear(3, 2)
    with pytest.raises(ParameterError, match="parameter 'value' of Trainable is not in the given store"):
        kind(machine, xn.Euclidean(), xn.ParameterStore(machine), labels=labels)


@pytest.mark.parametrize("kind", [xn.SimpleTrainer, xn.Trainer])
def test_labels_that_learn_need_no_label_set(backend, close, rng, kind):
    codes = rng.normal(size=(4, 2)).astype(backend.dtype_name)
    labels = xn.modules.Trainable((4, 2), lambda generator, shape: codes.copy())
    trainer, given = kind(xn.Linear(3, 2), xn.Euclidean(), labels=labels), kind(xn.Linear(3, 2), xn.Euclidean())
    values = trainer.param.state_dict()
    given.param.load_state_dict({name: values[f"machine.{name}"] for name in given.param})
    samples = rng.normal(size=(5, 3))
    close(trainer.run(samples)[1], backend.to_numpy(given.run(samples, codes)[1]), factor=4)
    first = float(trainer.learn_sample(samples, [0, 1, 2, 3, 0], learning_rate=0.1))
    for _ in range(50):
        last = float(trainer.learn_sample(samples, [0, 1, 2, 3, 0], learning_rate=0.1))
    assert last < first
    with pytest.raises(LabelError, match="this trainer's label set learns"):
        trainer.run(samples, codes)


@pytest.mark.parametrize("kind", [xn.SimpleTrainer, xn.Trainer])
def test_a_latent_must_be_what_eliminates(kind):
    with pytest.raises(ShapeError, match=r"latent is Min\(\), Logsum\(beta\) or a Relaxation\(start\); got 'min'"):
        kind(xn.Linear(2, 2), xn.Euclidean(), latent="min")
    with pytest.raises(GraphError, match="a trainer's labels must be a module"):
        kind(xn.Linear(2, 2), xn.Euclidean(), labels=np.eye(2))


@pytest.mark.parametrize("memory", ["1 GiB", 300])
@pytest.mark.parametrize("top", [0, -1])
def test_at_least_one_answer_has_to_be_asked_for(numpy64, top, memory):
    trainer = xn.Trainer(xn.Linear(3, 2), xn.Euclidean(), memory=memory)
    for ask in (trainer.run, trainer.answer):
        with pytest.raises(LabelError, match=f"top, how many .* is an integer of at least 1; got {top}"):
            ask(np.ones((5, 3)), np.ones((40, 2)), top=top)


def test_a_trainer_with_tiles_follows_its_store_to_another_backend(rng):
    here = xn.get_backend("numpy", dtype="float64")
    there = xn.get_backend("strict", device="device1", dtype="float64")
    trainer = trainer_of_tiles(here)
    samples, label_set, label = rng.normal(size=(5, 3)), rng.normal(size=(40, 2)), [0, 1, 2, 3, 4]
    expected = trainer.answer(samples, label_set, top=2)
    trainer.param.to(there)
    found = trainer.answer(samples, label_set, top=2)
    assert there.to_numpy(found.top).tolist() == expected.top.tolist()
    assert abs(there.to_numpy(found.probabilities) - expected.probabilities).max() < 1e-12
    before = float(trainer.learn_sample(samples, label, label_set, learning_rate=0.1))
    assert float(trainer.learn_sample(samples, label, label_set, learning_rate=0.1)) < before


def trainer_of_tiles(backend):
    """With a concatenation that is split: modules that no store knows have to follow too."""
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    mixed = graph(xn.Tanh(), graph(xn.Linear(5, 4), graph(xn.Concatenate(), x, y)))
    graph.output("energy", graph(xn.modules.Sum(), mixed))
    return xn.Trainer(graph, None, xn.ParameterStore(graph, backend), NegativeLogLikelihood(2.0), memory=500)


def spelled(n_symbols=6, width=5):
    """An encoder of words: symbols to vectors, windows of three, one vector."""
    steps = width - 2
    return xn.Cascade(
        xn.Lookup(n_symbols, 2),
        xn.Convolution(2, 4, 3),
        xn.modules.Reshape((steps, 4), (steps * 4,)),
        xn.Linear(steps * 4, 3),
    )


def test_samples_and_labels_may_be_sequences_of_symbols(backend, rng):
    graph = xn.Graph()
    x, y = graph.input("x"), graph.input("y")
    graph.output("energy", graph(xn.Euclidean(), graph(spelled(), x), graph(spelled(), y)))
    trainer = xn.Trainer(graph, param=xn.ParameterStore(graph, backend))
    words, queries = rng.integers(6, size=(7, 5)), rng.integers(6, size=(4, 5))
    index, energies = trainer.run(queries, words)
    assert tuple(energies.shape) == (4, 7)
    one, alone = trainer.run(queries[2].tolist(), words.tolist())
    assert int(one) == int(index[2])
    assert tuple(alone.shape) == (7,)
    first = float(trainer.learn_sample(queries, [0, 1, 2, 3], words, learning_rate=0.1))
    for _ in range(30):
        last = float(trainer.learn_sample(queries, [0, 1, 2, 3], words, learning_rate=0.1))
    assert last < first
    with pytest.raises(PlacementError, match="the machine looks labels up in a table, so they are integers; got float"):
        trainer.run(queries, words.astype(float))


def test_symbols_have_one_axis_less_than_their_vectors():
    assert spelled().event_ndims == (1,)
    assert xn.Cascade(xn.Lookup(5, 3), xn.Linear(3, 2)).event_ndims == (0,)
    assert xn.Cascade(xn.Lookup(5, 3), xn.Tanh()).event_ndims == (0,)
    assert spelled().takes_symbols(0)
    assert not xn.Cascade(xn.Tanh(), spelled()).takes_symbols(0)
    assert xn.Cascade(spelled(), xn.Tanh()).takes_symbols(0)
