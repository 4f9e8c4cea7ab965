import numpy as np
import pytest

from xpnet.data.answers import Answers, judge


def test_margin_is_the_distance_to_the_second_best():
    answers = Answers(np.array([2, 0]), np.array([[4.0, 1.5, 0.5], [1.0, 1.0, 9.0]]))
    assert answers.margins().tolist() == [1.0, 0.0]


def test_a_lone_label_has_an_infinite_margin():
    assert Answers(np.array([0]), np.array([[4.0]])).margins().tolist() == [np.inf]


def test_judge_counts_confusion_by_desired_and_answered():
    energies = np.array([[1.0, 2.0, 3.0], [5.0, 1.0, 3.0], [2.0, 9.0, 7.0], [3.0, 3.0, 0.5]], dtype="float32")
    result = judge(Answers(energies.argmin(axis=1), energies), np.array([0, 1, 2, 2]))
    assert result.confusion.tolist() == [[1, 0, 0], [0, 1, 0], [1, 0, 1]]
    assert (result.count, result.errors) == (4, 1)
    assert result.energy == pytest.approx((1 + 1 + 7 + 0.5) / 4)
