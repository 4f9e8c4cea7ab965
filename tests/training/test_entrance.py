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
def test_the_desired_label_of_one_sample(entrance, backend, kind):
    found = entrance.pointers(kind(2), 3, entrance.sample(np.zeros(4)))
    assert found.dtype == backend.xp.int64
    assert backend.to_numpy(found).tolist() == 2


@pytest.mark.parametrize(
    "make", [list, tuple, np.asarray, lambda v: np.asarray(v, "int8"), lambda v: [*map(np.int64, v)]]
)
def test_the_desired_labels_of_a_batch(entrance, backend, make):
    found = entrance.pointers(make([2, 0, 1, 2]), 3, entrance.sample(np.zeros((4, 1))))
    assert found.dtype == backend.xp.int64
    assert backend.to_numpy(found).tolist() == [2, 0, 1, 2]


def test_labels_on_the_backend_are_taken_as_they_are(entrance, backend):
    label = backend.indices([2, 0])
    assert backend.to_numpy(entrance.pointers(label, 3, entrance.sample(np.zeros((2, 5))))).tolist() == [2, 0]


def test_candidates_that_differ_per_sample_are_as_many_as_the_samples(entrance):
    labels = entrance.label_set(np.arange(12.0).reshape(2, 3, 2))
    entrance.require_batch(labels, entrance.sample(np.zeros((2, 5))))
    entrance.require_batch(entrance.label_set(np.zeros((3, 2))), entrance.sample(np.zeros((7, 5))))
    with pytest.raises(ShapeError, match=r"label sets for 2 samples, but the samples have shape \(3,\)"):
        entrance.require_batch(labels, entrance.sample(np.zeros((3, 5))))
    with pytest.raises(ShapeError, match=r"label sets for 2 samples, but the samples have shape \(\)"):
        entrance.require_batch(labels, entrance.sample(np.zeros(5)))


def test_the_axes_of_a_batch(entrance):
    assert entrance.batch(entrance.sample(np.zeros(4))) == ()
    assert entrance.batch(entrance.sample(np.zeros((3, 4)))) == (3,)


# --- masks, latent values, codes --------------------------------------------------------------------------


@pytest.mark.parametrize("mask", [[True, False, True], np.asarray([1, 0, 1]), np.asarray([[1, 0, 1], [0, 0, 1]])])
def test_a_mask_for_all_samples_or_for_each(entrance, backend, mask):
    found = entrance.present(mask, 3, entrance.sample(np.zeros((2, 5))))
    assert found.dtype == backend.xp.bool
    assert backend.to_numpy(found).tolist() == np.asarray(mask).astype(bool).tolist()
    assert entrance.present(None, 3, entrance.sample(np.zeros((2, 5)))) is None


def test_masks_of_the_wrong_shape(entrance):
    batch, one = (entrance.sample(np.zeros(shape)) for shape in ((2, 5), (5,)))
    with pytest.raises(
        ShapeError, match=r"each of 3 answers whether it is present: shape \(3,\) or \(2, 3\); got \(4,\)"
    ):
        entrance.present(np.ones(4), 3, batch)
    with pytest.raises(ShapeError, match=r"shape \(3,\) or \(2, 3\); got \(1, 3\)"):
        entrance.present(np.ones((1, 3)), 3, batch)
    with pytest.raises(ShapeError, match=r"whether it is present: shape \(3,\); got \(2, 3\)"):
        entrance.present(np.ones((2, 3)), 3, one)


def test_latent_values_for_all_samples_or_for_each(entrance, close):
    x = entrance.sample(np.zeros((2, 5)))
    close(entrance.latents([[1, 2], [3, 4], [5, 6]], x), [[1, 2], [3, 4], [5, 6]])
    assert tuple(entrance.latents(np.zeros((2, 3, 4)), x).shape) == (2, 3, 4)


def test_latent_values_of_the_wrong_shape(entrance):
    batch, one = (entrance.sample(np.zeros(shape)) for shape in ((2, 5), (5,)))
    for values in (np.zeros(3), np.zeros((3, 4, 5)), np.zeros((2, 3, 4, 5))):
        with pytest.raises(
            ShapeError, match=r"latent values have 2 axes, one value a row, or one more for each of the 2"
        ):
            entrance.latents(values, batch)
    with pytest.raises(ShapeError, match=r"latent values have 2 axes, one value a row; got shape \(2, 3, 4\)"):
        entrance.latents(np.zeros((2, 3, 4)), one)
    for empty in (np.zeros((0, 4)), np.zeros((2, 0, 4))):
        with pytest.raises(LabelError, match=r"the set of latent values is empty: shape .*; it needs at least one"):
            entrance.latents(empty, batch)
    with pytest.raises(LabelError, match=r"give the values it may take, latent_set \(M, \.\.\.\)"):
        entrance.latents(None, batch)


def test_one_code_for_each_sample(entrance, close):
    x = entrance.sample(np.zeros((2, 5)))
    close(entrance.code([[1, 2], [3, 4]], x), [[1, 2], [3, 4]])
    close(entrance.code([1, 2], entrance.sample(np.zeros(5)), (2,)), [1, 2])
    for wrong in ([1, 2], [[1, 2]] * 3, [[[1, 2]] * 2] * 2):
        with pytest.raises(ShapeError, match=r"desired labels have shape \(2, 2\), one for each sample; got "):
            entrance.code(wrong, x, (2,))
    with pytest.raises(ShapeError, match=r"desired labels have shape \(2, 3\), one for each sample; got \(2, 2\)"):
        entrance.code([[1, 2], [3, 4]], x, (3,))


def test_symbols_stay_integers(backend):
    """Where the machine looks them up in a table; everything else is numbers."""
    symbols, numbers = Entrance(backend, 1, 0, 0, frozenset({"label", "latent"})), Entrance(backend, 1, 1)
    x = symbols.sample(np.zeros((2, 5), int))
    assert x.dtype == backend.dtype
    assert symbols.label_set([0, 1, 2]).dtype == symbols.code(np.asarray([2, 0]), x).dtype == backend.xp.int64
    assert symbols.latents(np.arange(4), x).dtype == backend.xp.int64
    assert numbers.label_set(np.eye(3, dtype=int)).dtype == backend.dtype
    with pytest.raises(PlacementError, match="the machine looks labels up in a table, so they are integers; got float"):
        symbols.label_set(np.arange(3.0))


# --- errors ------------------------------------------------------------------------------------------------


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
    x = entrance.sample(np.zeros((2, 1)))
    with pytest.raises(
        LabelError, match=r"labels must be between 0 and 2, the rows of the label set; got -?\d to -?\d"
    ):
        entrance.pointers(label, 3, x)


@pytest.mark.parametrize("label", [[0, 0.5], [0.0, 1.0], np.asarray([0.0, 1.0]), [True, False], ["0", "1"], [[0], [1]]])
def test_labels_that_are_no_integers(entrance, label):
    x = entrance.sample(np.zeros((2, 1)))
    with pytest.raises(LabelError, match="a label is an integer that points into the label set; got"):
        entrance.pointers(label, 3, x)


def test_one_label_per_sample(entrance):
    x = entrance.sample(np.zeros((2, 1)))
    for label, shape in ((1, r"\(\)"), ([0, 1, 2], r"\(3,\)")):
        with pytest.raises(ShapeError, match=rf"label has shape {shape} but the samples \(2,\); give one integer per"):
            entrance.pointers(label, 3, x)


def test_an_array_of_another_device_is_not_moved(strict_devices):
    first, second = strict_devices
    with pytest.raises(PlacementError, match="an array on device2 was handed to"):
        Entrance(first, 1, 1).sample(second.ones((3,)))


def test_an_empty_batch_has_no_labels(entrance):
    assert tuple(entrance.pointers([], 3, entrance.sample(np.zeros((0, 4)))).shape) == (0,)


def test_minus_one_is_the_last_answer_where_there_is_junk(entrance, backend):
    x = entrance.sample(np.zeros((3, 1)))
    assert backend.to_numpy(entrance.answer([-1, 0, 3], 4, x, junk=True)).tolist() == [3, 0, 3]
    with pytest.raises(LabelError, match=r"got -1 to 3\. .None of the above. \(-1\) needs a junk category"):
        entrance.answer([-1, 0, 3], 4, x, junk=False)
    with pytest.raises(LabelError, match="got -2 to 3"):
        entrance.answer([-2, 0, 3], 4, x, junk=True)


def test_whole_numbers_as_labels_reach_every_backend():
    assert xn.get_backend("strict").indices([1, 2]).shape == (2,)
