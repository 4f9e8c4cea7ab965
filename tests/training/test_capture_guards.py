"""Captured trainers: what a program must not remember, and what it must notice."""

import logging
from copy import deepcopy

import numpy as np
import pytest
from captured import CODES, LABELS, SEQUENCES, SOFT, X, Y, assert_same, general, host, sequences, simple

import xpnet as xn
from xpnet.errors import LabelError, NotFiniteError, ParameterError, PlacementError, ShapeError


class Scaled(xn.Module):
    """Y = X / max |X|, by a number that is read on the host."""

    event_ndims = (1,)

    def fprop(self, input, output):
        output.x = input.x / float(np.abs(self.backend.to_numpy(input.x)).max())

    def bprop(self, input, output):
        input.accumulate(output.cotangent)


def test_a_module_that_reads_on_the_host_runs_eagerly(compiling, caplog):
    machine = xn.Cascade(Scaled(), xn.Linear(3, 2))
    trainer = xn.SimpleTrainer(machine, xn.Euclidean(), xn.ParameterStore(machine, compiling, seed=2))
    captured = xn.capture(trainer)
    with caplog.at_level(logging.WARNING, "xpnet"):
        first, tenfold = (captured.run(x, CODES)[1] for x in (X, 10 * X))
    assert "which a compiled program would do once and for ever" in caplog.text or "tracing" in caplog.text.lower()
    np.testing.assert_allclose(compiling.to_numpy(first), compiling.to_numpy(tenfold), rtol=1e-12)


def test_a_mask_of_other_numbers_is_refused_as_by_the_trainer(compiling):
    captured = xn.capture(general(compiling, cost=xn.Euclidean()))
    captured.run(X, CODES, mask=[1, 0, 1, 1])
    with pytest.raises(LabelError, match="a mask is True where an answer is present"):
        captured.run(X, CODES, mask=[3, 0, 1, 1])


@pytest.mark.parametrize("label", [[0.5, 3, 1, 2, 2, 0], np.asarray(Y, float), [True, False] * 3, np.ones(6, bool)])
@pytest.mark.parametrize("make", [simple, lambda b: general(b, cost=xn.Euclidean())])
def test_labels_that_are_no_integers(compiling, make, label):
    with pytest.raises(LabelError, match="a label is an integer that points into the label set"):
        xn.capture(make(compiling)).learn_sample(X, label, CODES, learning_rate=0.1)


@pytest.mark.parametrize("spoil", [lambda d: 2 * d, lambda d: d - np.asarray([0.9, -0.9, 0, 0])])
def test_what_is_no_distribution(compiling, spoil):
    trainer = general(compiling, cost=xn.Euclidean())
    captured = xn.capture(trainer)
    captured.learn_sample(X, SOFT, CODES, learning_rate=0.1)
    before = host(trainer)
    with pytest.raises(LabelError, match="a desired distribution has a negative entry, or does not sum to 1"):
        captured.learn_sample(X, spoil(SOFT), CODES, learning_rate=0.1)
    for name, value in host(trainer).items():
        np.testing.assert_array_equal(value, before[name])


@pytest.mark.parametrize("wrong", [4, -1])
def test_a_symbol_outside_the_label_set(compiling, wrong):
    machine = xn.Cascade(xn.Linear(3, 4), xn.Softmax())
    trainer = xn.SimpleTrainer(machine, xn.LogLoss(), xn.ParameterStore(machine, compiling))
    captured = xn.capture(trainer)
    captured.learn_sample(X, Y, np.arange(4), learning_rate=0.1)
    before = host(trainer)
    with pytest.raises(LabelError, match="labels must be between 0 and 3"):
        captured.learn_sample(X, [0, 1, wrong, 2, 2, 0], np.arange(4), learning_rate=0.1)
    for name, value in host(trainer).items():
        np.testing.assert_array_equal(value, before[name])


def test_inference_tells_where_a_nan_came_from(compiling):
    captured, spoilt = xn.capture(simple(compiling)), X.copy()
    spoilt[0, 0] = np.nan
    with pytest.raises(NotFiniteError, match=r"an energy is NaN: sample is not finite at index \(0, 0\)"):
        captured.run(spoilt, CODES)
    with pytest.raises(PlacementError, match="real numbers; got complex128"):
        captured.run(X + 1j, CODES)


def test_parameters_that_another_store_took_over(compiling):
    trainer = simple(compiling)
    captured = xn.capture(trainer)
    captured.learn_sample(X, Y, CODES, learning_rate=0.1)
    newer = xn.ParameterStore(trainer.machine, compiling)
    before = newer.state_dict()
    with pytest.raises(ParameterError, match="has moved to a newer ParameterStore"):
        captured.learn_sample(X, Y, CODES, learning_rate=0.1)
    for name, value in newer.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_another_loss_and_tied_parameters_make_another_program(compiling):
    pairs = []
    for backend in (xn.get_backend("numpy", dtype="float64"), compiling):
        trainer = general(backend, xn.Cascade(xn.Linear(3, 3), xn.Tanh(), xn.Linear(3, 3)), xn.Euclidean())
        learner, codes = xn.capture(trainer), np.eye(3)
        learner.learn_sample(X, Y % 3, codes, learning_rate=0.1)
        trainer.loss = xn.losses.HingeLoss()
        learner.learn_sample(X, Y % 3, codes, learning_rate=0.1)
        trainer.param.tie("machine.2.weight", "machine.0.weight")
        learner.learn_sample(X, Y % 3, codes, learning_rate=0.1)
        pairs.append(trainer)
    assert_same(*pairs[::-1])


def test_a_program_that_is_traced_again(compiling):
    reference, trainer = (simple(b) for b in (xn.get_backend("numpy", dtype="float64"), compiling))
    captured = xn.capture(trainer)
    for _ in range(2):
        captured.learn_sample(X, Y, CODES, learning_rate=0.1)
        reference.learn_sample(X, Y, CODES, learning_rate=0.1)
        if compiling.name == "jax":
            pytest.importorskip("jax").clear_caches()
    assert_same(trainer, reference)


def test_the_rate_follows_the_store_and_old_programs_go(compiling, monkeypatch):
    trainer = simple(compiling)
    captured = xn.capture(trainer)
    captured.learn_sample(X, Y, CODES, learning_rate=0.1)
    other = xn.get_backend("torch" if compiling.name == "jax" else "jax", device="cpu", dtype="float64")
    trainer.param.to(other)
    captured.learn_sample(X, Y, CODES, learning_rate=0.1)
    assert all(program is not None for program in captured._programs.values())
    monkeypatch.setattr("xpnet.training.capture.MOST", 2)
    for rows in (2, 3, 4):
        captured.learn_sample(X[:rows], Y[:rows], CODES, learning_rate=0.1)
    assert len(captured._programs) == 2


@pytest.mark.parametrize("take", ["tolist", "numpy", "__array__"])
def test_no_way_to_take_numbers_out_of_a_tensor_is_open(take, caplog):
    torch = pytest.importorskip("torch", reason="torch is not installed: its backend cannot be tested")

    class Taken(Scaled):
        def fprop(self, input, output):
            output.x = input.x / float(np.abs(np.asarray(getattr(input.x, take)())).max())

    backend, read = xn.get_backend("torch", dtype="float64"), getattr(torch.Tensor, take)
    machine = xn.Cascade(Taken(), xn.Linear(3, 2))
    captured = xn.capture(xn.SimpleTrainer(machine, xn.Euclidean(), xn.ParameterStore(machine, backend, seed=2)))
    first, tenfold = (captured.run(x, CODES)[1] for x in (X, 10 * X))
    assert "which a compiled program would do once and for ever" in caplog.text
    np.testing.assert_allclose(first, tenfold, rtol=1e-12)
    assert getattr(torch.Tensor, take) is read


def test_lengths_that_are_none(compiling):
    captured = xn.capture(sequences(compiling))
    captured.learn_sample(SEQUENCES, LABELS, lengths=[5, 3], learning_rate=0.1)
    captured.run(SEQUENCES, [5, 3])
    before = host(captured)
    for wrong in ([0, 3], [6, 3], [-1, 2]):
        with pytest.raises(ShapeError, match="lengths must be between 1 and 5"):
            captured.learn_sample(SEQUENCES, LABELS, lengths=wrong, learning_rate=0.1)
        with pytest.raises(ShapeError, match="lengths must be between 1 and 5"):
            captured.run(SEQUENCES, wrong)
    np.testing.assert_equal(host(captured), before)


def test_numbers_that_modules_hold_are_those_of_the_moment(compiling):
    results = []
    for capture in (lambda trainer: trainer, xn.capture):
        learner = capture(general(compiling, cost=xn.Euclidean(), loss=xn.losses.HingeLoss(), junk=xn.Junk(0.5)))
        losses = []
        for margin, energy in ((1.0, 0.5), (5.0, 0.5), (5.0, -3.0), (1.0, 0.5)):
            learner.loss.margin, learner.junk.start = margin, energy
            losses.append(float(learner.learn_sample(X, Y, CODES, learning_rate=0.1)))
        results.append((losses, [float(x) for x in learner.run(X, CODES)[0]]))
    np.testing.assert_allclose(results[1][0], results[0][0], rtol=1e-9)
    assert results[1][1] == results[0][1]


def test_symbols_outside_their_table(compiling):
    machine = xn.Cascade(xn.Lookup(5, 3), xn.Linear(3, 2))
    captured = xn.capture(xn.SimpleTrainer(machine, xn.Euclidean(), xn.ParameterStore(machine, compiling)))
    captured.learn_sample([0, 1, 2], [0, 1, 2], CODES, learning_rate=0.1)
    before = host(captured)
    for symbols in ([0, -1, 2], [0, 5, 2], [0, 99, 2]):
        for call in (
            lambda symbols=symbols: captured.learn_sample(symbols, [0, 1, 2], CODES, learning_rate=0.1),
            lambda symbols=symbols: captured.run(symbols, CODES),
        ):
            with pytest.raises(NotFiniteError):
                call()
    np.testing.assert_equal(host(captured), before)


def test_a_copy_goes_on_beside_its_original(compiling):
    trainer, alone = simple(compiling), simple(compiling)
    update = {"learning_rate": 0.1, "inertia": 0.5}
    for each in (trainer, alone):
        each.learn_sample(X, Y, CODES, **update)
    kept = deepcopy(trainer)
    xn.capture(trainer).learn_sample(X, Y, CODES, **update)
    for each in (kept, alone):
        each.learn_sample(X, Y, CODES, **update)
    assert_same(kept, alone)
    assert_same(trainer, alone)


def test_one_array_in_two_parameters(compiling):
    results = []
    for capture in (lambda trainer: trainer, xn.capture):
        machine = xn.Cascade(xn.Linear(2, 2), xn.Tanh(), xn.Linear(2, 2))
        trainer = xn.SimpleTrainer(machine, xn.Euclidean(), xn.ParameterStore(machine, compiling, layout="leaf"))
        learner = capture(trainer)
        for _ in range(3):
            trainer.param["0.weight"].x = trainer.param["2.weight"].x
            learner.learn_sample(CODES, Y[:4], CODES, learning_rate=0.1)
        results.append(trainer)
    assert_same(results[1], results[0])


def test_a_rate_is_what_its_array_holds_now(compiling):
    results = []
    for capture in (lambda trainer: trainer, xn.capture):
        learner, rate = capture(simple(compiling)), np.asarray(0.1)
        rule = xn.Sgd(rate)
        for _ in range(3):
            learner.learn_sample(X, Y, CODES, rule)
            rate[...] *= 3.0
        results.append(learner)
    assert_same(results[1], results[0])


@pytest.mark.parametrize("label", [[True, 1, 0, 2, 3, 1], [2**64 + 1, 0, 0, 0, 0, 0]])
def test_labels_that_look_like_integers(compiling, label):
    captured = xn.capture(simple(compiling))
    with pytest.raises(LabelError):
        captured.learn_sample(X, label, CODES, learning_rate=0.1)
