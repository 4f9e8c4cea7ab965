import pytest

from xpnet.modules import Linear
from xpnet.training.arguments import argument_problems, stretch


def _target(count: int, rate: float = 1.0, name: str | None = None, items: list[int] = ()) -> None: ...


@pytest.mark.parametrize(
    "arguments", [{"count": 1}, {"count": 1, "rate": 2}, {"count": 1, "name": None}, {"count": 1, "items": [1]}]
)
def test_fitting_arguments_have_no_problems(arguments):
    assert argument_problems(_target, arguments) == []


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({}, "'count' is missing: an integer"),
        ({"count": True}, "'count' must be an integer; got True"),
        ({"count": 1.0}, "'count' must be an integer; got 1.0"),
        ({"count": 1, "rate": "fast"}, "'rate' must be a number; got 'fast'"),
        ({"count": 1, "name": 3}, "'name' must be a text; got 3"),
        ({"count": 1, "nmae": "x"}, "unknown key 'nmae'; did you mean 'name'? known: count, items, name, rate"),
    ],
)
def test_each_problem_is_told(arguments, problem):
    assert argument_problems(_target, arguments) == [problem]


def test_own_keys_are_offered_as_known():
    assert "known: factor, offset, source" in argument_problems(stretch, {"factor": 1.0, "x": 1}, own=["source"])[0]


def test_a_registered_class_is_asked_without_being_made():
    assert argument_problems(Linear, {"in_features": 2, "out_features": "many"}) == [
        "'out_features' must be an integer; got 'many'"
    ]
