"""What comes into a sequence trainer: shapes, ranges and padding, error by error."""

import numpy as np
import pytest

from xpnet.errors import LabelError, PlacementError, ShapeError
from xpnet.training.sequence_entrance import SequenceEntrance


@pytest.fixture
def door(backend):
    return SequenceEntrance(backend, n_states=3, ndim=2)


def test_samples_and_batches(backend, door):
    one, several = door.sample(np.zeros((4, 2))), door.sample(np.zeros((5, 4, 2)))
    assert one.dtype == backend.dtype
    assert (door.batch(one), door.batch(several)) == ((), (5,))


@pytest.mark.parametrize("shape", [(0, 2), (4, 0), (0, 4, 2)])
def test_nothing_is_an_error(door, shape):
    with pytest.raises(ShapeError, match=r"nothing to run: a sample of shape .* is empty; give at least one sample"):
        door.sample(np.zeros(shape))


@pytest.mark.parametrize("shape", [(2,), (1, 2, 3, 4)])
def test_axes_that_do_not_fit(door, shape):
    with pytest.raises(ShapeError, match="a sample has 2 axes, the first of them time, a batch of samples 3; got"):
        door.sample(np.zeros(shape))


def test_symbols_stay_integers_where_a_step_may_be_one(backend):
    door = SequenceEntrance(backend, n_states=3, ndim=1, symbols=True)
    for symbols in ([0, 2, 1], np.asarray([0, 2, 1], dtype="uint8"), [np.asarray(0), np.asarray(2), np.asarray(1)]):
        assert door.sample(symbols).dtype == backend.xp.int64
    assert door.sample([0.5, 1.0]).dtype == backend.dtype
    assert SequenceEntrance(backend, n_states=3, ndim=1).sample([0, 1]).dtype == backend.dtype


def test_padding_is_blanked(backend, door):
    x = door.sample(np.full((2, 3, 2), np.nan))
    ends = door.lengths([1, 3], x)
    blank = backend.to_numpy(door.blanked(x, ends))
    assert np.isnan(blank[0, 0]).all()
    assert (blank[0, 1:] == 0).all()
    assert np.isnan(blank[1]).all()
    assert door.blanked(x, None) is x
    assert door.lengths(None, x) is None


@pytest.mark.parametrize(
    ("lengths", "error", "words"),
    [
        ([0, 3], ShapeError, "lengths must be between 1 and 3, the steps of the samples; got 0 to 3"),
        ([1, 4], ShapeError, "lengths must be between 1 and 3, the steps of the samples; got 1 to 4"),
        ([1], ShapeError, r"lengths have shape \(1,\) but the samples \(2,\); give one integer per sample"),
        ([1.0, 2.0], LabelError, r"a length is an integer; got \[1.0, 2.0\]"),
    ],
)
def test_lengths_that_do_not_fit(door, lengths, error, words):
    with pytest.raises(error, match=words):
        door.lengths(lengths, door.sample(np.zeros((2, 3, 2))))


def test_labels_are_unknown_behind_the_end(backend, door):
    energies, ends = backend.zeros((2, 3, 3)), backend.indices([1, 3])
    found = door.labels([[2, 99, 99], [0, -5, 1]], energies, ends)
    assert backend.to_numpy(found).tolist() == [[2, -1, -1], [0, -5, 1]]


@pytest.mark.parametrize(
    ("labels", "error", "words"),
    [
        ([0, 1, 3], LabelError, "labels must be between 0 and 2, or negative where unknown; got 3"),
        ([0, 1], ShapeError, r"labels have shape \(2,\), but the machine gives energies for \(3,\) steps"),
        ([0, 1, 0.5], LabelError, r"a label of a sequence is an integer; got \[0, 1, 0.5\]"),
        (np.zeros(3), LabelError, "a label of a sequence is an integer; got float64"),
        ([True, False, True], LabelError, "a label of a sequence is an integer"),
    ],
)
def test_labels_that_do_not_fit(backend, door, labels, error, words):
    with pytest.raises(error, match=words):
        door.labels(labels, backend.zeros((3, 3)), None)


def test_energies_that_do_not_fit(backend, door):
    x = door.sample(np.zeros((2, 4, 2)))
    door.require_energies(backend.zeros((2, 3, 3)), x, None)
    for shape in ((2, 4, 4), (4, 3), (1, 4, 3), (2, 2, 4, 3)):
        with pytest.raises(
            ShapeError, match=r"each of 3 labels at each step, shape \(2, T, 3\); from samples of shape"
        ):
            door.require_energies(backend.zeros(shape), x, None)
    with pytest.raises(
        ShapeError, match="lengths count the 4 steps of the samples, but the machine gives energies for 3"
    ):
        door.require_energies(backend.zeros((2, 3, 3)), x, door.lengths([1, 2], x))


def test_devices_do_not_mix(strict_devices):
    door = SequenceEntrance(strict_devices[0], n_states=3, ndim=2)
    with pytest.raises(PlacementError, match="an array on device2 was handed to"):
        door.sample(strict_devices[1].zeros((4, 2)))
