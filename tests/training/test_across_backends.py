"""Learning that begins on one backend and goes on with another: the numbers of one that never moved, to rounding."""

import signal
from itertools import pairwise

import numpy as np
import pytest

import xpnet as xn
from xpnet.cli.train_job import TrainJob
from xpnet.errors import BackendUnavailable, CheckpointError
from xpnet.machines.energy_machine import energy_machine
from xpnet.machines.label_sequences import LabelSequences, sequence_machine
from xpnet.second_order import measure
from xpnet.training.callbacks import Callback
from xpnet.training.checkpoint import read_checkpoint, write_checkpoint
from xpnet.training.loop import train
from xpnet.training.run_folder import RunFolder
from xpnet.training.snapshot import resume_session, take_snapshot

ROUTES = [
    "numpy strict numpy",
    "torch numpy torch",
    pytest.param("numpy jax strict torch", marks=pytest.mark.slow),  # JAX compiles: seconds a step
]
ROUNDING = {"float64": 1e-13, "float32": 2e-5}  # float32: of numbers that some dozen updates have rounded apart


@pytest.fixture(params=["float64", "float32"])
def dtype(request):
    return request.param


@pytest.fixture(params=ROUTES, ids=["strict", "torch", "jax"])
def route(request, dtype):
    """The backends that learning goes through, one after the other."""
    try:
        return [xn.get_backend(name, dtype=dtype) for name in request.param.split()]
    except BackendUnavailable as error:
        pytest.skip(str(error))


def apart(found, wanted):
    """The largest difference, relative to the largest number of its array."""
    assert found.keys() == wanted.keys()
    assert all(found[name].shape == array.shape for name, array in wanted.items())
    return max(float(np.max(np.abs(found[name] - array)) / np.max(np.abs(array))) for name, array in wanted.items())


# --- checkpoints ----------------------------------------------------------------------------------------------


class Kept(Callback):
    """Writes a checkpoint at one step and ends there, as a signal would."""

    def __init__(self, step, folder):
        self.step, self.folder = step, folder

    def on_step(self, session):
        if session.position.step == self.step:
            write_checkpoint(self.folder, take_snapshot(session))
            signal.raise_signal(signal.SIGTERM)


STOPS = [4, 9, 20]  # of 24 steps, 6 an epoch: within an epoch each


def relayed(make_session, route, folder, dtype):
    """The session at the last place, which every other one has handed on by a checkpoint."""
    session = make_session(route[0].name, dtype, epochs=4)
    for (_, following), stop in zip(pairwise(route), STOPS, strict=False):
        train(session, [Kept(stop, folder / str(stop))])
        session = make_session(following.name, dtype, epochs=4)
        resume_session(session, read_checkpoint(folder / str(stop)))
        assert session.position.step == stop
    train(session)
    return session


def test_a_checkpoint_of_one_backend_is_resumed_on_another(make_session, route, dtype, tmp_path):
    straight = make_session("numpy", dtype, epochs=4)
    train(straight)
    found, wanted = (take_snapshot(each) for each in (relayed(make_session, route, tmp_path, dtype), straight))
    assert "o/deltas/0.weight" in wanted.arrays
    assert apart(found.arrays, wanted.arrays) < ROUNDING[dtype]
    assert found.meta.position == wanted.meta.position
    for got, record in zip(found.meta.metrics, wanted.meta.metrics, strict=True):
        assert {**got, "seconds": 0} == pytest.approx({**record, "seconds": 0}, rel=10 * ROUNDING[dtype])


@pytest.mark.parametrize("lost", ["o/", "position"])
def test_what_a_checkpoint_would_lose_is_more_than_rounding(make_session, tmp_path, lost):
    straight, resumed, half = (make_session("numpy", "float64", epochs=4) for _ in range(3))
    train(straight)
    train(half, [Kept(9, tmp_path / "c")])
    checkpoint = read_checkpoint(tmp_path / "c")
    resume_session(resumed, checkpoint)
    if lost == "position":
        resumed.position = resumed.position.model_copy(update={"batch": 0})
    else:
        resumed.assembly.store.load_slots_dict(
            {"deltas": {name: np.zeros_like(x) for name, x in resumed.assembly.store.state_dict().items()}}
        )
    train(resumed)
    assert apart(take_snapshot(resumed).arrays, take_snapshot(straight).arrays) > ROUNDING["float32"]


def test_the_command_goes_on_with_another_backend(route, dtype, tmp_path, caplog):
    recipe, folder = tmp_path / "blobs.toml", tmp_path / "run"
    recipe.write_text(RECIPE)
    for epochs, backend in enumerate(route, start=1):
        job = TrainJob(recipe, (f"training.epochs={epochs}",), folder, resume=epochs > 1, bar=False)
        assert job.run(backend) == 0
    straight = TrainJob(recipe, (f"training.epochs={len(route)}",), tmp_path / "straight", bar=False)
    assert straight.run(xn.get_backend("numpy", dtype=dtype)) == 0
    found, wanted = (RunFolder(path).newest() for path in (folder, tmp_path / "straight"))
    assert apart(found.arrays, wanted.arrays) < ROUNDING[dtype]
    assert found.meta.backend == route[-1].name
    for before, after in pairwise(route):
        told = f"trained on {before.name} and goes on with {after.name}: equal to rounding, not bit for bit"
        assert told in caplog.text


def test_another_dtype_is_refused_with_the_remedy(make_session, tmp_path):
    half = make_session("numpy", "float64", epochs=1)
    train(half)
    write_checkpoint(tmp_path / "c", take_snapshot(half))
    with pytest.raises(CheckpointError, match="choose --dtype float64"):
        resume_session(make_session("strict", "float32", epochs=2), read_checkpoint(tmp_path / "c"))


RECIPE = """
name = "blobs"
seed = 3
data = {source = "npz", path = "blobs.npz", scaling = "standard"}
machine.modules = [
    {module = "Linear", in_features = 4, out_features = 6},
    {module = "ScaledTanh"},
    {module = "Linear", in_features = 6, out_features = 3},
]
cost = {module = "Euclidean"}
loss = {name = "NegativeLogLikelihood"}
labels = {codes = "plus-minus"}
training = {epochs = 4, batch_size = 8, learning_rate = 0.2, weight_decay = 1e-3, inertia = 0.9}
"""


# --- stores ---------------------------------------------------------------------------------------------------

DRAWS = np.random.default_rng(4)
SAMPLES, LABELS = DRAWS.normal(size=(12, 3)), DRAWS.integers(5, size=12)
CODES = DRAWS.normal(size=(5, 2))
SEQUENCES, PATHS = DRAWS.normal(size=(4, 6, 3)), DRAWS.integers(2, size=(4, 6))
LABELLED = {"sample": SAMPLES, "label": LABELS}
RULE = {"learning_rate": 0.1, "weight_decay": 1e-3, "inertia": 0.8}


def net():
    return xn.Cascade(xn.Linear(3, 6), xn.Tanh(), xn.Linear(6, 2))


def simple(backend):
    machine, cost = net(), xn.Euclidean()
    trainer = xn.SimpleTrainer(machine, cost, xn.ParameterStore(machine, backend, seed=2))
    return trainer, {**LABELLED, "label_set": CODES, **RULE}


def general(backend):
    """Junk, and codes that learn in a sparse table."""
    machine, cost, junk = net(), xn.Euclidean(), xn.Junk(0.5, trainable=True)
    codes = xn.Trainable((5, 2), sparse=True)
    store = xn.ParameterStore(energy_machine(machine, cost, junk, labels=codes), backend, seed=2)
    trainer = xn.Trainer(machine, cost, store, junk=junk, labels=codes)
    return trainer, {**LABELLED, **RULE}


def tied(backend):
    machine, cost = xn.Cascade(xn.Linear(3, 5), xn.Sigmoid(), xn.Linear(5, 3)), xn.Euclidean()
    trainer = xn.SimpleTrainer(machine, cost, xn.ParameterStore(machine, backend, seed=2))
    trainer.param.tie("2.weight", "0.weight", transform="transpose")
    return trainer, {"sample": SAMPLES, "label": None, "desired": SAMPLES, **RULE}


def second_order(backend):
    """The curvature is measured once, at the first place."""
    machine, cost = net(), xn.Euclidean()
    trainer = xn.SimpleTrainer(machine, cost, xn.ParameterStore(machine, backend, seed=2))
    measure(trainer.param, SAMPLES, CODES[LABELS], cost)
    return trainer, {**LABELLED, "label_set": CODES, "update_args": xn.DiagLm(0.02, mu=0.1)}


def sequences(backend):
    machine, labels = xn.Linear(3, 2), LabelSequences(2, final=True)
    store = xn.ParameterStore(sequence_machine(machine, labels), backend, seed=2)
    trainer = xn.SequenceTrainer(machine, labels, store)
    return trainer, {"sample": SEQUENCES, "labels": PATHS, **RULE}


def host(store):
    slots = store.slots_dict().items()
    return store.state_dict() | {f"{slot} {name}": x for slot, held in slots for name, x in held.items()}


@pytest.mark.parametrize("make", [simple, general, tied, second_order, sequences])
def test_a_store_moves_in_the_middle_of_learning(make, route, dtype):
    (straight, arguments), (moved, _) = make(xn.get_backend("numpy", dtype=dtype)), make(route[0])
    captured = xn.capture(moved)
    for backend in route:
        moved.param.to(backend)
        learner = captured if backend.capture_pays else moved
        for _ in range(6):
            straight.learn_sample(**arguments)
            learner.learn_sample(**arguments)
    assert moved.backend is route[-1]
    assert len(host(moved.param)) > len(moved.param)  # slots too
    assert apart(host(moved.param), host(straight.param)) < ROUNDING[dtype]
