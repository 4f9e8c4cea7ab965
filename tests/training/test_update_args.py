"""How an update is asked for, and every wrong way by its text."""

import pytest

import xpnet as xn
from xpnet.errors import RecipeError
from xpnet.training.update_args import rule_of


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"learning_rate": 0.1, "inertia": 0.5}, {}),
        (None, {"learning_rate": 0.1, "inertia": 0.5}),
        ({"learning_rate": 9.0, "inertia": 0.5}, {"learning_rate": 0.1}),
        ({"inertia": 0.5}, {"learning_rate": 0.1}),
    ],
)
def test_numbers_make_an_sgd(given, named):
    assert rule_of(given, named) == xn.Sgd(0.1, inertia=0.5)


def test_the_mapping_given_is_not_changed():
    given = {"learning_rate": 0.1}
    rule_of(given, {"inertia": 0.5})
    assert given == {"learning_rate": 0.1}


def test_the_same_numbers_are_the_same_rule():
    assert rule_of({"learning_rate": 0.25}, {}) is rule_of(None, {"learning_rate": 0.25})


def test_an_optimizer_is_taken_as_it_is():
    rule = xn.Sgd(0.5)
    assert rule_of(rule, {}) is rule
    with pytest.raises(RecipeError, match=r"an optimizer brings its own arguments; got Sgd\(.*\) and inertia, weight"):
        rule_of(rule, {"inertia": 0.5, "weight_decay": 0.1})


def test_unknown_and_missing_arguments():
    with pytest.raises(RecipeError, match="unknown update argument 'learning_rat'; did you mean 'learning_rate'"):
        rule_of({"learning_rat": 0.1}, {})
    with pytest.raises(RecipeError, match="unknown update argument 'momentum'"):
        rule_of(None, {"learning_rate": 0.1, "momentum": 0.9})
    for empty in (None, {}):
        with pytest.raises(RecipeError, match=r"an update needs a learning_rate: learn_sample\(\.\.\., learning_rate"):
            rule_of(empty, {})
