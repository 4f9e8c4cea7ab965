"""Captured trainers: the numbers of the trainer itself, by programs that are made once."""

import logging

import numpy as np
import pytest
from captured import (
    CODES,
    LABELS,
    SEQUENCES,
    SOFT,
    X,
    Y,
    assert_same,
    general,
    host,
    joint,
    sequences,
    simple,
)

import xpnet as xn
from xpnet.errors import LabelError, NotFiniteError, ParameterError, RecipeError, ShapeError
from xpnet.inference.relaxation import Relaxation
from xpnet.second_order import measure

CASES = {
    "energy": (simple, (X, Y, CODES), {"learning_rate": 0.1}),
    "one sample": (simple, (X[0], 1, CODES), {"learning_rate": 0.1}),
    "decay and inertia": (simple, (X, Y, CODES), {"learning_rate": 0.1, "weight_decay": 0.02, "inertia": 0.6}),
    "desired": (simple, (X, None), {"desired": CODES[Y], "learning_rate": 0.1}),
    "likelihood": (lambda b: general(b, cost=xn.Euclidean()), (X, Y.tolist(), CODES), {"learning_rate": 0.2}),
    "soft labels": (lambda b: general(b, cost=xn.Euclidean()), (X, SOFT, CODES), {"learning_rate": 0.2}),
    "a joint machine": (lambda b: general(b, joint()), (X, Y, CODES), {"learning_rate": 0.2, "inertia": 0.3}),
    "a mask": (
        lambda b: general(b, cost=xn.Euclidean()),
        (X, Y, CODES),
        {"learning_rate": 0.2, "mask": np.asarray([[True, True, k % 2 == 1, True] for k in (0, 1, 0, 1, 1, 0)])},
    ),
    "junk": (
        lambda b: general(b, cost=xn.Euclidean(), junk=xn.Junk(0.5, trainable=True)),
        (X, np.asarray([0, -1, 1, 4, 2, 0]), CODES),
        {"learning_rate": 0.2},
    ),
    "a margin loss": (
        lambda b: general(b, cost=xn.Euclidean(), loss=xn.losses.HingeLoss()),
        (X, Y, CODES),
        {"learning_rate": 0.2},
    ),
    "codes that learn": (
        lambda b: general(b, cost=xn.Euclidean(), labels=xn.Trainable((4, 2), sparse=True)),
        (X, Y),
        {"learning_rate": 0.2, "inertia": 0.4},
    ),
    "codes in tiles": (
        lambda b: general(b, cost=xn.Euclidean(), memory=400),
        (X, Y, CODES),
        {"learning_rate": 0.2},
    ),
    "sequences": (sequences, (SEQUENCES, LABELS), {"learning_rate": 0.1}),
    "sequences with ends": (sequences, (SEQUENCES, LABELS), {"learning_rate": 0.1, "lengths": np.asarray([5, 3])}),
}


@pytest.mark.parametrize("name", CASES)
def test_the_same_numbers_as_the_trainer_itself(compiling, name):
    make, args, options = CASES[name]
    reference, trainer = make(xn.get_backend("numpy", dtype="float64")), make(compiling)
    captured = xn.capture(trainer)
    for _ in range(4):
        wanted, got = reference.learn_sample(*args, **options), captured.learn_sample(*args, **options)
        assert float(got) == pytest.approx(float(wanted), abs=1e-12)
    assert_same(trainer, reference)
    assert all(program is not None for program in captured._programs.values())
    asked = (args[0],) if len(args) == 2 else (args[0], args[2])
    if options.get("desired") is None:
        for one, other in zip(captured.run(*asked), reference.run(*asked), strict=True):
            np.testing.assert_allclose(compiling.to_numpy(one), other, rtol=0, atol=1e-11)


def test_second_order_steps(compiling):
    trainers = []
    for backend in (xn.get_backend("numpy", dtype="float64"), compiling):
        trainer = simple(backend)
        measure(trainer.param, backend.asarray(X), backend.asarray(CODES[Y]), xn.Euclidean())
        learner = xn.capture(trainer) if backend is compiling else trainer
        for rate in (0.1, 0.05):
            learner.learn_sample(X, Y, CODES, xn.DiagLm(rate, mu=0.1))
        trainers.append(trainer)
    assert_same(*trainers[::-1])


def test_a_curvature_must_have_been_measured(compiling):
    with pytest.raises(ParameterError, match="holds no curvature"):
        xn.capture(simple(compiling)).learn_sample(X, Y, CODES, xn.DiagLm(0.1))


def test_one_program_for_all_values_and_learning_rates(compiling):
    captured, made = xn.capture(simple(compiling)), []
    compile_ = type(compiling).compile

    def counting(self, step, donate=0):
        made.append(step)
        return compile_(self, step, donate)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(compiling), "compile", counting)
        for rate in (0.1, 0.2, 0.3):
            captured.learn_sample(X * rate, Y, CODES, learning_rate=rate)
        assert len(made) == 1
        captured.learn_sample(X[:4], Y[:4], CODES, learning_rate=0.1)
        captured.learn_sample(X, Y, CODES, learning_rate=0.1, inertia=0.5)
        captured.run(X, CODES)
        captured.run(X, CODES, top=2)
        captured.run(X + 1.0, CODES, top=2)
    assert len(made) == 5


def test_eager_and_captured_steps_take_turns(compiling):
    reference, trainer = simple(xn.get_backend("numpy", dtype="float64")), simple(compiling)
    captured = xn.capture(trainer)
    for learn in (captured.learn_sample, trainer.learn_sample, captured.learn_sample, trainer.learn_sample):
        learn(X, Y, CODES, learning_rate=0.1, inertia=0.5)
        reference.learn_sample(X, Y, CODES, learning_rate=0.1, inertia=0.5)
    assert_same(trainer, reference)


def test_the_best_labels_in_order(compiling):
    trainer = simple(compiling)
    labels, energies = xn.capture(trainer).run(X, CODES, top=3)
    wanted, exact = trainer.run(X, CODES, top=3)
    np.testing.assert_array_equal(compiling.to_numpy(labels), compiling.to_numpy(wanted))
    np.testing.assert_allclose(compiling.to_numpy(energies), compiling.to_numpy(exact))


@pytest.mark.parametrize("make", [simple, lambda b: general(b, cost=xn.Euclidean())])
def test_a_step_that_is_not_finite_is_explained_and_changes_nothing(compiling, make):
    trainer = make(compiling)
    captured = xn.capture(trainer)
    captured.learn_sample(X, Y, CODES, learning_rate=0.1, inertia=0.5)
    before, spoilt = host(trainer), X.copy()
    spoilt[2, 1] = np.nan
    with pytest.raises(NotFiniteError, match=r"sample is not finite at index \(2, 1\)"):
        captured.learn_sample(spoilt, Y, CODES, learning_rate=0.1, inertia=0.5)
    for name, value in host(trainer).items():
        np.testing.assert_array_equal(value, before[name])


@pytest.mark.parametrize("wrong", [4, -1, 99])
@pytest.mark.parametrize("make", [simple, lambda b: general(b, cost=xn.Euclidean())])
def test_a_label_outside_the_set_is_explained_and_changes_nothing(compiling, make, wrong):
    trainer = make(compiling)
    captured = xn.capture(trainer)
    captured.learn_sample(X, Y, CODES, learning_rate=0.1)
    before, label = host(trainer), Y.copy()
    label[3] = wrong
    with pytest.raises(LabelError, match="labels must be between 0 and 3"):
        captured.learn_sample(X, label, CODES, learning_rate=0.1)
    for name, value in host(trainer).items():
        np.testing.assert_array_equal(value, before[name])


def test_where_nothing_may_be_read_a_bad_step_changes_nothing(compiling, monkeypatch):
    trainer = general(compiling, cost=xn.Euclidean(), junk=xn.Junk(0.5, trainable=True))
    captured, before = xn.capture(trainer), host(trainer)
    monkeypatch.setattr(compiling, "synchronous", False)
    label = compiling.indices([0, 1, 2, -2, 0, 1])
    assert np.isnan(float(captured.learn_sample(X, label, CODES, learning_rate=0.1)))
    for name, value in host(trainer).items():
        np.testing.assert_array_equal(value, before[name])


def test_errors_of_shape_are_the_trainers_own(compiling):
    captured = xn.capture(simple(compiling))
    with pytest.raises(ShapeError, match=r"Linear expects input\.x with last axis 3"):
        captured.learn_sample(X[:, :2], Y, CODES, learning_rate=0.1)
    with pytest.raises(RecipeError, match="an update needs a learning_rate"):
        captured.learn_sample(X, Y, CODES)


def test_what_reads_numbers_on_the_way_runs_eagerly_and_says_so(compiling, caplog):
    def latent(backend):
        graph = xn.Graph()
        x, y, z = (graph.input(name) for name in "xyz")
        mixed = graph(xn.Plus(), graph(xn.Linear(3, 2), x), z)
        graph.output("energy", graph(xn.Euclidean(), mixed, y))
        start = backend.zeros((2,))
        return xn.Trainer(graph, None, xn.ParameterStore(graph, backend, seed=2), latent=Relaxation(start, steps=3))

    reference, trainer = latent(xn.get_backend("numpy", dtype="float64")), latent(compiling)
    captured = xn.capture(trainer)
    with caplog.at_level(logging.WARNING, "xpnet"):
        for _ in range(2):
            captured.learn_sample(X, Y, CODES, learning_rate=0.1)
            reference.learn_sample(X, Y, CODES, learning_rate=0.1)
    (record,) = caplog.records
    assert record.message.startswith("this step is not captured, it runs eagerly: ")
    assert_same(trainer, reference)


def test_without_a_compiler_the_trainer_itself_runs():
    trainer = simple(xn.get_backend("numpy"))
    captured = xn.capture(trainer)
    assert not captured.compiles
    energy = captured.learn_sample(X, Y, CODES, learning_rate=0.1)
    assert energy == pytest.approx(trainer.energies.x.mean())
    assert captured.run(X, CODES)[0].shape == (6,)


def test_what_cannot_be_captured_is_refused(compiling):
    captured = xn.capture(general(compiling, cost=xn.Euclidean()))
    with pytest.raises(RecipeError, match="takes no negatives=: draw them before"):
        captured.learn_sample(X, Y, CODES, learning_rate=0.1, negatives=xn.SampledNegatives(2))
    with pytest.raises(RecipeError, match="an optimizer that has slots, prepare and update_at"):
        captured.learn_sample(X, Y, CODES, type("Plain", (), {"update": lambda self, store: None})())
    with pytest.raises(RecipeError, match="capture takes a trainer, which has learn_sample and run; got Linear"):
        xn.capture(xn.Linear(1, 1))


def test_parameters_that_moved_are_followed(compiling):
    trainer = simple(compiling)
    captured = xn.capture(trainer)
    captured.learn_sample(X, Y, CODES, learning_rate=0.1)
    trainer.param.to(xn.get_backend("numpy", dtype="float64"))
    captured.learn_sample(X, Y, CODES, learning_rate=0.1)
    reference = simple(xn.get_backend("numpy", dtype="float64"))
    for _ in range(2):
        reference.learn_sample(X, Y, CODES, learning_rate=0.1)
    assert_same(trainer, reference)


def test_options_that_are_equal_are_not_the_same(compiling):
    """1 == 1.0 == True, yet only the first says how many answers are wanted."""
    fast = xn.capture(simple(compiling))
    for top in (1.0, 1, True, 1.0, [1], 1):
        if type(top) is int:
            assert tuple(fast.run(X, CODES, top=top)[0].shape) == (6, 1)
        else:
            with pytest.raises(LabelError, match="is an integer of at least 1; got"):
                fast.run(X, CODES, top=top)


def test_what_is_given_twice_may_differ_the_next_time(compiling):
    samples = compiling.asarray(X[:, :2]), compiling.asarray(CODES[Y])
    losses = []
    for capture in (lambda trainer: trainer, xn.capture):
        machine = xn.Cascade(xn.Linear(2, 2))
        learner = capture(xn.SimpleTrainer(machine, xn.Euclidean(), xn.ParameterStore(machine, compiling)))
        for sample, desired in ((0, 0), (0, 1), (1, 0), (1, 1)):
            arguments = {"desired": samples[desired], "learning_rate": 0.1}
            losses.append(float(learner.learn_sample(samples[sample], None, **arguments)))
    np.testing.assert_allclose(losses[4:], losses[:4], rtol=1e-6)


def test_the_order_of_names_makes_no_program(compiling, monkeypatch):
    made, compile_ = [], type(compiling).compile

    def counting(self, *args, **named):
        made.append(args)
        return compile_(self, *args, **named)

    monkeypatch.setattr(type(compiling), "compile", counting)
    fast = xn.capture(simple(compiling))
    for _ in range(2):
        fast.learn_sample(X, Y, CODES, learning_rate=0.1)
        fast.learn_sample(learning_rate=0.1, label_set=CODES, label=Y, sample=X)
    assert len(made) == 1
