"""Bad input to the trainer over all label sequences, error by error: nothing has changed then."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import GraphError, LabelError, NotFiniteError, ParameterError, RecipeError, ShapeError
from xpnet.machines.label_sequences import LabelSequences
from xpnet.training.sequence_trainer import SequenceTrainer

LOSSES = ["likelihood", "perceptron", "hinge"]
STEPS = 4


def trainer_on(backend=None, loss="likelihood"):
    """X (…, T, 2) to 3 labels, of which 2 may not follow 0."""
    with xn.use_backend(backend or xn.get_backend()):
        return SequenceTrainer(xn.Linear(2, 3), LabelSequences(3, [[0, 0, np.inf], [0, 0, 0], [0, 0, 0]]), loss=loss)


@pytest.fixture
def samples(rng, backend):
    return rng.normal(size=(3, STEPS, 2)).astype(backend.dtype_name)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([0, 2, 1, 1], "label 0 at step 0 is followed by 2, which is forbidden; correct them, or allow it"),
        ([-1, 0, 2, -1], "label 0 at step 1 is followed by 2, which is forbidden"),
    ],
)
@pytest.mark.parametrize("name", LOSSES)
def test_desired_labels_that_are_forbidden_change_nothing(backend, samples, labels, words, name):
    trainer = trainer_on(backend, name)
    before = trainer.param.state_dict()
    with pytest.raises(LabelError, match=f"the desired labels are no sequence of the set: {words}"):
        trainer.learn_sample(samples[0], labels, learning_rate=0.1)
    with pytest.raises(LabelError, match="desired labels of sample 1 are no sequence of the set"):
        trainer.learn_sample(samples[:2], [[0, 0, 0, 0], labels], learning_rate=0.1)
    np.testing.assert_equal(trainer.param.state_dict(), before)
    trainer.learn_sample(samples[0], [0, 1, 2, 1], learning_rate=0.1)
    cut = [[0, 1, 2, 1], [0, *labels[1:]]]
    trainer.learn_sample(samples[:2], cut, lengths=[4, 1], learning_rate=0.1)  # behind the end nothing is forbidden


def test_what_is_not_finite_changes_nothing(numpy64, rng):
    trainer, x = trainer_on(), rng.normal(size=(2, STEPS, 2))
    before = trainer.param.state_dict()
    x[1, 2, 0] = np.nan
    for call in (trainer.run, trainer.posteriors, lambda x: trainer.learn_sample(x, [[0] * 4] * 2, learning_rate=0.1)):
        with pytest.raises(NotFiniteError, match=r"an energy is NaN: sample is not finite at index \(1, 2, 0\)"):
            call(x)
    np.testing.assert_equal(trainer.param.state_dict(), before)
    trainer.run(x, lengths=[4, 2])  # it stands behind the end
    far = SequenceTrainer(xn.Linear(2, 3), 3)
    far.param["machine.bias"].x = np.full(3, -1e308)
    with pytest.raises(NotFiniteError, match="the loss is nan"), np.errstate(all="ignore"):
        far.learn_sample(np.ones((STEPS, 2)), [0, 1, 2, 0], learning_rate=0.1)


def test_what_does_not_fit(numpy64):
    x = np.zeros((STEPS, 2))
    trainer = trainer_on()
    with pytest.raises(ShapeError, match=r"each of 4 labels at each step, shape \(T, 4\); .* it gave \(4, 3\)"):
        SequenceTrainer(xn.Linear(2, 3), 4).run(x)
    with pytest.raises(LabelError, match="labels must be between 0 and 2, or negative where unknown; got 3"):
        trainer.learn_sample(x, [0, 1, 2, 3], learning_rate=0.1)
    with pytest.raises(ShapeError, match=r"labels have shape \(3,\), but the machine gives energies for \(4,\) steps"):
        trainer.learn_sample(x, [0, 1, 2], learning_rate=0.1)
    with pytest.raises(ShapeError, match="nothing to run"):
        trainer.learn_sample(np.zeros((0, STEPS, 2)), np.zeros((0, STEPS), dtype=int), learning_rate=0.1)
    with pytest.raises(RecipeError, match="an update needs a learning_rate"):
        trainer.learn_sample(x, [0, 1, 2, 0])
    for call in (trainer.n_best, lambda x, n: trainer.answer(x, top=n)):
        with pytest.raises(ShapeError, match="n, the number of paths wanted, is an integer of at least 1; got 0"):
            call(x, 0)


def test_what_makes_no_trainer(numpy64):
    with pytest.raises(RecipeError, match=r"is called 'nll'; .*known: hinge, likelihood, perceptron"):
        SequenceTrainer(xn.Linear(2, 3), 3, loss="nll")
    with pytest.raises(ShapeError, match="beta must be finite and positive; got 0"):
        SequenceTrainer(xn.Linear(2, 3), 3, beta=0.0)
    with pytest.raises(GraphError, match=r"n_states is the number of labels, or LabelSequences\(K, ...\); got '3'"):
        SequenceTrainer(xn.Linear(2, 3), "3")
    with pytest.raises(
        ParameterError, match=r"'labels.transitions.value' is not in the given store; make it of sequence_mach"
    ):
        SequenceTrainer(machine := xn.Linear(2, 3), 3, xn.ParameterStore(machine))
