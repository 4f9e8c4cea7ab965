import numpy as np
import pytest

from xpnet.data.dataset import Dataset, as_samples
from xpnet.errors import DataError


def _data(samples=None, labels=None, names=("a", "b")):
    samples = np.arange(12.0).reshape(4, 3) if samples is None else samples
    labels = np.array([0, 1, 0, 1]) if labels is None else labels
    return Dataset(samples, labels, names)


def test_take_keeps_the_order_asked_for():
    part = _data().take(np.array([2, 0]))
    assert part.samples.tolist() == [[6, 7, 8], [0, 1, 2]]
    assert part.labels.tolist() == [0, 0]
    assert (len(part), part.event_shape, part.label_names) == (2, (3,), ("a", "b"))


@pytest.mark.parametrize(
    ("name", "labels", "names"), [("a", [1, 0, 1, 0], ("b", "a")), ("b", [0, 1, 0, 1], ("a", "b"))]
)
def test_a_label_may_be_made_the_last(name, labels, names):
    moved = _data().with_last(name)
    assert (moved.labels.tolist(), moved.label_names) == (labels, names)
    with pytest.raises(DataError, match="no label is called 'c'; known: a, b"):
        _data().with_last("c")


@pytest.mark.parametrize(("dtype", "kept"), [("int64", "float32"), ("bool", "float32"), ("float64", "float64")])
def test_samples_become_floats(dtype, kept):
    assert as_samples(np.ones((2, 2), dtype=dtype)).dtype == kept


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_the_first_bad_number_is_named(bad):
    samples = np.zeros((4, 3))
    samples[1, 2] = samples[3, 0] = bad
    with pytest.raises(DataError, match=r"sample 1 holds -?(nan|inf) at \(2,\) \(2 of 4 samples are not finite\)"):
        _data(samples)


@pytest.mark.parametrize(
    ("samples", "labels", "message"),
    [
        (np.zeros(3), None, r"samples need a shape \(count, features …\); got \(3,\)"),
        (np.zeros((0, 3)), np.zeros(0, dtype=int), r"there are no samples: the shape is \(0, 3\)"),
        (np.array([["a"]]), None, "samples must be real numbers; got dtype <U1"),
        (np.ones((2, 2), dtype=complex), None, "real numbers; got dtype complex128"),
        (None, np.array([0, 1]), r"4 samples need labels of shape \(4,\); got \(2,\)"),
        (None, np.zeros(4), "labels must be integers that count from 0; got dtype float64"),
        (None, np.array([0, 1, 2, 1]), r"label 2 of sample 2 lies outside 0 … 1 \(2 label names\)"),
        (None, np.array([0, -1, 0, 1]), "label -1 of sample 1 lies outside"),
    ],
)
def test_unusable_data_is_refused(samples, labels, message):
    with pytest.raises(DataError, match=message):
        _data(samples, labels)


def test_the_fingerprint_sees_every_change():
    changed = np.arange(12.0).reshape(4, 3)
    changed[3, 2] += 1e-12
    prints = {
        _data().fingerprint(),
        _data(changed).fingerprint(),
        _data(labels=np.array([0, 1, 1, 1])).fingerprint(),
        _data(names=("a", "c")).fingerprint(),
        _data(np.arange(12.0).reshape(4, 1, 3)).fingerprint(),
    }
    assert len(prints) == 5
    assert _data().fingerprint() == _data(np.asfortranarray(np.arange(12.0).reshape(4, 3))).fingerprint()


def test_complex_samples_are_not_cast_away():
    with pytest.raises(DataError, match=r"got dtype complex128\. Give real and imaginary parts as features"):
        Dataset(np.ones((2, 3), dtype=complex), np.array([0, 1]), ("a", "b"))
