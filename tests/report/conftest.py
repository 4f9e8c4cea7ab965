import numpy as np
import pytest

from xpnet.data.answers import Answered, Evaluation


@pytest.fixture
def evaluation():
    return Evaluation(0.25, np.array([[4, 1], [0, 5]]))


@pytest.fixture
def answers():
    return Answered(np.array([1, 0]), np.array([[3.0, 0.5], [0.25, 0.75]]))


@pytest.fixture
def history():
    numbers = {"train_count": 10, "held_out_count": 5, "train_energy": 0.5, "held_out_energy": -0.6}
    return [{"epoch": k, "train_errors": 3 - k, "held_out_errors": 1, **numbers} for k in (1, 2)]
