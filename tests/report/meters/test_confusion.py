import numpy as np
import pytest

from xpnet.errors import LabelError, ShapeError
from xpnet.report.meters import Confusion, Counts, confuse, count

metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is the oracle here")


@pytest.fixture
def answers(rng):
    """Answered, desired and rejected of 200 samples over four labels; the last may stand for junk."""
    desired = rng.integers(4, size=200)
    answered = np.where(rng.random(200) < 0.6, desired, rng.integers(4, size=200))
    return answered, desired, rng.random(200) < 0.2


def test_counts_are_those_of_scikit_learn(answers):
    answered, desired, rejected = answers
    confusion = confuse(answered, desired, 4, rejected)
    wanted = metrics.confusion_matrix(desired, np.where(rejected, 4, answered), labels=range(5))[:4]
    np.testing.assert_array_equal(confusion.counts, wanted)
    np.testing.assert_array_equal(confusion.answered, wanted[:, :4])
    np.testing.assert_array_equal(confusion.rejected, wanted[:, 4])
    assert confusion.totals == count(answered, desired, rejected)


def test_errors_of_classes_and_their_mean(answers):
    answered, desired, rejected = answers
    whole = confuse(answered, desired, 4)
    recalls = metrics.recall_score(desired, answered, average=None)
    np.testing.assert_allclose(whole.class_errors(), 1 - recalls, rtol=1e-13)
    assert whole.normalised_error() == pytest.approx(1 - metrics.balanced_accuracy_score(desired, answered), rel=1e-13)
    some = confuse(answered, desired, 4, rejected)
    for label in range(4):
        own = desired == label
        assert some.class_rejects()[label] == rejected[own].mean()
        assert some.class_errors()[label] == ((answered != desired) & ~rejected)[own].mean()


def test_a_label_without_samples_has_no_error_and_does_not_count():
    confusion = confuse(np.array([0, 0, -1]), np.array([0, 2, 2]), 3)
    assert confusion.counts.tolist() == [[1, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 1]]
    assert confusion.class_errors()[[0, 2]].tolist() == [0.0, 0.5]
    assert np.isnan(confusion.class_errors()[1])
    assert confusion.normalised_error() == 0.25
    assert confusion.totals == Counts(1, 1, 1)
    assert np.isnan(confuse(np.array([], int), np.array([], int), 2).normalised_error())


def test_what_does_not_fit_is_one_error():
    with pytest.raises(LabelError, match=r"answered\[0\] is 2, but labels here are -1 to 1"):
        confuse(np.array([2]), np.array([0]), 2)
    with pytest.raises(LabelError, match=r"desired\[0\] is -1, but labels here are 0 to 1"):
        confuse(np.array([0]), np.array([-1]), 2)
    with pytest.raises(ShapeError, match="confusions of 2 and of 3 labels do not add up"):
        _ = Confusion(np.zeros((2, 3), int)) + Confusion(np.zeros((3, 4), int))
