"""Bad input to the simple trainer: one clear error each, and no parameter has changed."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import LabelError, NotFiniteError, ShapeError

X, LABELS = np.ones((2, 4)), np.asarray([[1.0, -1.0], [-1.0, 1.0], [0.5, 0.5]])


def spoiled(array, *index):
    array = array.copy()
    array[index] = np.nan
    return array


BAD = {
    "trailing axis": (
        np.ones((2, 3)),
        [0, 1],
        LABELS,
        ShapeError,
        r"Linear expects input\.x with last axis 4; got shape",
    ),
    "label width": (X, [0, 1], LABELS[:, :1], ShapeError, r"Euclidean expects output\.x with last axis 2; got shape"),
    "rank": (np.ones((2, 2, 4)), [0, 1], LABELS, ShapeError, "a sample has 1 axes, a batch of samples 2; got shape"),
    "range": (X, [0, 3], LABELS, LabelError, "labels must be between 0 and 2, the rows of the label set; got 0 to 3"),
    "float label": (X, [0, 1.5], LABELS, LabelError, "a label is an integer that points into the label set; got 1.5"),
    "empty label set": (X, [0, 0], np.zeros((0, 2)), LabelError, "the label set is empty: shape"),
    "NaN in the sample": (spoiled(X, 1, 2), [0, 1], LABELS, NotFiniteError, r"sample is not finite at index \(1, 2\)"),
    "NaN in the label": (X, [0, 1], spoiled(LABELS, 1, 0), NotFiniteError, "label set is not finite at index"),
}


@pytest.fixture
def trainer(backend):
    machine = xn.Cascade(xn.Linear(4, 2))
    return xn.SimpleTrainer(machine, xn.Euclidean(), xn.ParameterStore(machine, backend))


@pytest.mark.parametrize("what", BAD)
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_learning_from_bad_input_changes_nothing(trainer, what):
    x, label, label_set, error, text = BAD[what]
    if error is NotFiniteError and not trainer.param.backend.synchronous:
        pytest.skip("a device that answers later does not look at every energy")
    before = trainer.param.state_dict()
    with pytest.raises(error, match=text):
        trainer.learn_sample(x, label, label_set, learning_rate=0.1, weight_decay=0.1)
    np.testing.assert_equal(trainer.param.state_dict(), before)
    trainer.learn_sample(X, [0, 1], LABELS, learning_rate=0.1)  # and nothing is left over that a good step would use
    machine = xn.Cascade(xn.Linear(4, 2))
    fresh = xn.SimpleTrainer(machine, xn.Euclidean(), xn.ParameterStore(machine, trainer.param.backend))
    fresh.learn_sample(X, [0, 1], LABELS, learning_rate=0.1)
    np.testing.assert_equal(trainer.param.state_dict(), fresh.param.state_dict())


@pytest.mark.parametrize("what", [what for what in BAD if what not in ("range", "float label")])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_running_on_bad_input(trainer, what):
    x, _, label_set, error, text = BAD[what]
    if error is NotFiniteError and not trainer.param.backend.synchronous:
        pytest.skip("a device that answers later does not look at every energy")
    with pytest.raises(error, match=text):
        trainer.run(x, label_set)


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_a_spoiled_parameter_is_named(numpy64):
    machine = xn.Cascade(xn.Linear(4, 2))
    trainer = xn.SimpleTrainer(machine, xn.Euclidean())
    machine[0].bias.x = np.asarray([0.0, np.nan])
    text = r"parameter '0\.bias' is not finite at index \(1,\); lower the learning rate"
    with pytest.raises(NotFiniteError, match=text):
        trainer.run(X, LABELS)
    with pytest.raises(NotFiniteError, match=text):
        trainer.learn_sample(X, [0, 1], LABELS, learning_rate=0.1)


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_an_overflow_is_told_from_bad_data(numpy64):
    trainer = xn.SimpleTrainer(xn.Cascade(xn.Linear(4, 2)), xn.Euclidean())
    with pytest.raises(NotFiniteError, match="the energy is inf, though all inputs are finite: it overflowed"):
        trainer.learn_sample(X * 1e200, [0, 1], LABELS, learning_rate=0.1)
