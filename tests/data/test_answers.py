import numpy as np
import pytest

from xpnet.data.answers import Answered, judge
from xpnet.errors import ShapeError


def test_margin_is_the_distance_to_the_second_best():
    answers = Answered(np.array([2, 0]), np.array([[4.0, 1.5, 0.5], [1.0, 1.0, 9.0]]))
    assert answers.margins().tolist() == [1.0, 0.0]


def test_a_lone_label_has_an_infinite_margin():
    assert Answered(np.array([0]), np.array([[4.0]])).margins().tolist() == [np.inf]


def test_margins_of_forbidden_labels_are_infinite():
    energies = np.array([[np.inf, 1.0, np.inf], [np.inf, np.inf, np.inf], [2.0, np.inf, 0.5]])
    assert Answered(np.array([1, -1, 2]), energies).margins().tolist() == [np.inf, np.inf, 1.5]


def test_the_best_labels_in_order_first_ones_first():
    answers = Answered(np.array([1, 0]), np.array([[4.0, 0.5, 0.5, np.inf], [-1.0, 3.0, np.inf, 2.0]]))
    index, energies = answers.top(4)
    assert index.tolist() == [[1, 2, 0, -1], [0, 3, 1, -1]]
    assert energies.tolist() == [[0.5, 0.5, 4.0, np.inf], [-1.0, 2.0, 3.0, np.inf]]
    assert answers.top(1)[0].tolist() == [[1], [0]]
    assert answers.top(9)[0].shape == (2, 4)
    assert answers.best().tolist() == [0.5, -1.0]
    with pytest.raises(ShapeError, match="the best 0 labels are none; ask for at least 1"):
        answers.top(0)


@pytest.mark.parametrize("beta", [0.0, 0.5, 3.0, np.inf])
def test_probabilities_are_gibbs(special, rng, beta):
    energies = rng.standard_normal((20, 4)).astype("float32")
    energies[3, 1] = np.inf
    answers = Answered(energies.argmin(axis=1), energies)
    levels = energies.astype("float64")
    wanted = special.softmax(
        np.where(np.isinf(levels), -np.inf, -min(beta, 1e9) * np.where(np.isinf(levels), 0, levels)), axis=1
    )
    np.testing.assert_allclose(answers.probabilities(beta), wanted, rtol=1e-12, atol=1e-300)
    np.testing.assert_array_equal(answers.probability(beta), answers.probabilities(beta)[range(20), answers.index])


def test_no_possible_answer_has_no_probability_and_is_refused():
    answers = Answered(np.array([-1, 0]), np.array([[np.inf, np.inf], [0.0, 1.0]]))
    assert answers.probabilities().sum(axis=1).tolist() == [0.0, pytest.approx(1.0)]
    assert answers.probability()[0] == 0.0
    assert answers.rejected().tolist() == [True, False]


def test_bounds_are_kept_by_what_equals_them():
    energies = np.array([[0.1, 0.4], [0.2, 0.7]], dtype="float32")
    answers = Answered(np.array([0, 0]), energies)
    for name, values, sign in (
        ("energy", answers.best(), -1),
        ("margin", answers.margins(), 1),
        ("probability", answers.probability(2.0), 1),
    ):
        for value in values.tolist():
            kept = sign * values.astype("float64") >= sign * value
            assert (~answers.rejected(**{name: value}, beta=2.0)).tolist() == kept.tolist()


def test_judge_counts_confusion_by_desired_and_answered():
    energies = np.array([[1.0, 2.0, 3.0], [5.0, 1.0, 3.0], [2.0, 9.0, 7.0], [3.0, 3.0, 0.5]], dtype="float32")
    result = judge(Answered(energies.argmin(axis=1), energies), np.array([0, 1, 2, 2]))
    assert result.confusion.tolist() == [[1, 0, 0], [0, 1, 0], [1, 0, 1]]
    assert (result.count, result.errors) == (4, 1)
    assert result.energy == pytest.approx((1 + 1 + 7 + 0.5) / 4)
