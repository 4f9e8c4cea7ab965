"""How samples, labels and label sets come in: every wrong shape and label by its text."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import LabelError, PlacementError, ShapeError
from xpnet.training.entrance import Entrance


@pytest.fixture
def entrance(backend):
    return Entrance(backend, 1, 1)


def test_samples_and_label_sets_are_placed(entrance, backend, close):
    x = entrance.sample([1, 2, 3])
    assert x.dtype == backend.dtype
    close(entrance.with_label_axis(x), [1, 2, 3])
    close(entrance.with_label_axis(entrance.sample(np.ones((2, 3)))), np.ones((2, 1, 3)))
    close(entrance.label_set([[0, 1]]), [[0, 1]])


@pytest.mark.parametrize("kind", [int, np.int64, np.uint8, np.asarray])
def test_the_desired_label_of_one_sample(entrance, close, kind):
    labels = entrance.label_set(np.arange(6.0).reshape(3, 2))
    close(entrance.desired(kind(2), labels, entrance.sample(np.zeros(4))), [4, 5])


@pytest.mark.parametrize(
    "make", [list, tuple, np.asarray, lambda v: np.asarray(v, "int8"), lambda v: [*map(np.int64, v)]]
)
def test_the_desired_labels_of_a_batch(entrance, close, make):
    labels = entrance.label_set(np.arange(6.0).reshape(3, 2))
    x = entrance.sample(np.zeros((4, 1)))
    close(entrance.desired(make([2, 0, 1, 2]), labels, x), [[4, 5], [0, 1], [2, 3], [4, 5]])


def test_candidates_that_differ_per_sample(entrance, backend, close):
    labels = entrance.label_set(np.arange(12.0).reshape(2, 3, 2))
    x = entrance.sample(np.zeros((2, 5)))
    close(entrance.desired(backend.indices([2, 0]), labels, x), [[4, 5], [6, 7]])
    with pytest.raises(ShapeError, match=r"label sets for 2 samples, but the samples have shape \(3,\)"):
        entrance.desired([0, 0, 0], labels, entrance.sample(np.zeros((3, 5))))


@pytest.mark.parametrize("shape", [(), (2, 2, 2)])
def test_samples_of_the_wrong_rank(entrance, shape):
    with pytest.raises(ShapeError, match="a sample has 1 axes, a batch of samples 2; got shape"):
        entrance.sample(np.zeros(shape))


def test_label_sets_of_the_wrong_rank_or_empty(entrance):
    with pytest.raises(ShapeError, match=r"a label set has 2 axes, one label a row; got shape \(3,\)"):
        entrance.label_set(np.zeros(3))
    for shape in ((0, 2), (5, 0, 2)):
        with pytest.raises(LabelError, match=r"the label set is empty: shape .*; it needs at least one label"):
            entrance.label_set(np.zeros(shape))


@pytest.mark.parametrize("label", [[0, 3], [-1, 0], np.asarray([0, 7])])
def test_labels_out_of_range(entrance, label):
    labels, x = entrance.label_set(np.zeros((3, 2))), entrance.sample(np.zeros((2, 1)))
    with pytest.raises(
        LabelError, match=r"labels must be between 0 and 2, the rows of the label set; got -?\d to -?\d"
    ):
        entrance.desired(label, labels, x)


@pytest.mark.parametrize("label", [[0, 0.5], [0.0, 1.0], np.asarray([0.0, 1.0]), [True, False], ["0", "1"], [[0], [1]]])
def test_labels_that_are_no_integers(entrance, label):
    labels, x = entrance.label_set(np.zeros((3, 2))), entrance.sample(np.zeros((2, 1)))
    with pytest.raises(LabelError, match="a label is an integer that points into the label set; got"):
        entrance.desired(label, labels, x)


def test_one_label_per_sample(entrance):
    labels, x = entrance.label_set(np.zeros((3, 2))), entrance.sample(np.zeros((2, 1)))
    for label, shape in ((1, r"\(\)"), ([0, 1, 2], r"\(3,\)")):
        with pytest.raises(ShapeError, match=rf"label has shape {shape} but the samples \(2,\); give one integer per"):
            entrance.desired(label, labels, x)


def test_an_array_of_another_device_is_not_moved(strict_devices):
    first, second = strict_devices
    with pytest.raises(PlacementError, match="an array on device2 was handed to"):
        Entrance(first, 1, 1).sample(second.ones((3,)))


def test_an_empty_batch_has_no_labels(entrance):
    labels, x = entrance.label_set(np.zeros((3, 2))), entrance.sample(np.zeros((0, 4)))
    assert tuple(entrance.desired([], labels, x).shape) == (0, 2)


def test_whole_numbers_as_labels_reach_every_backend():
    assert xn.get_backend("strict").indices([1, 2]).shape == (2,)
