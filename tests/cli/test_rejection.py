import numpy as np
import pytest

from xpnet.cli.rejection import Rejection
from xpnet.data.answers import Answered
from xpnet.errors import RecipeError


@pytest.fixture
def answers():
    energies = np.array([[0.0, 2.0], [1.0, 1.25], [5.0, 9.0], [np.inf, np.inf]])
    return Answered(np.array([0, 0, 0, -1]), energies)


@pytest.mark.parametrize(
    ("bounds", "rejected"),
    [
        ({}, [False, False, False]),
        ({"margin": 0.5}, [False, True, False]),
        ({"margin": 0.25}, [False, False, False]),
        ({"energy": 1.0}, [False, False, True]),
        ({"energy": -1.0}, [True, True, True]),
        ({"probability": 0.9}, [True, True, False]),
        ({"margin": 0.5, "energy": 1.0}, [False, True, True]),
    ],
)
def test_bounds_reject_what_lies_beyond_and_no_answer_always(answers, bounds, rejected):
    assert Rejection(**bounds).checked().of(answers, 1.0).tolist() == [*rejected, True]


def test_probabilities_are_those_at_beta(answers):
    assert Rejection(probability=0.9).of(answers, 5.0).tolist() == [False, True, False, True]


def test_a_bound_of_zero_is_a_bound():
    assert not Rejection()
    assert Rejection(margin=0.0)
    assert Rejection(energy=0.0)


@pytest.mark.parametrize("bounds", [{"margin": -1.0}, {"probability": 1.5}, {"energy": np.nan}, {"margin": np.nan}])
def test_bounds_outside_their_range_are_refused(bounds):
    with pytest.raises(RecipeError, match=rf"--reject-{next(iter(bounds))} is .*, but must be a number from"):
        Rejection(**bounds).checked()
