import tomllib

import pytest
from pydantic import ValidationError

from xpnet.training.recipe import Recipe
from xpnet.training.recipe_problems import describe_problems

TEXT = """\
name = "x"
sede = 3
[data]
source = "digts"
held_out = 1.5
[machine]
modules = [
    { module = "Linear", in_feature = 64, out_features = 1.5 },
    { module = "Tnah" },
]
[cost]
module = "Euclidean"
[labels]
codes = "plus-mins"
[training]
epoch = 40
batch_size = "16"
learning_rate = -0.02
"""


def _problems(text):
    with pytest.raises(ValidationError) as caught:
        Recipe.model_validate(tomllib.loads(text))
    return describe_problems(caught.value, text)


def test_all_problems_are_told_in_the_order_of_the_lines():
    problems = _problems(TEXT)
    assert [problem.partition(":")[0] for problem in problems] == [
        "line 2, sede",
        "line 4, data.source",
        "line 5, data.held_out",
        "line 8, machine.modules.0",
        "line 9, machine.modules.1",
        "line 14, labels.codes",
        "line 15, training.epochs",
        "line 16, training.epoch",
        "line 17, training.batch_size",
        "line 18, training.learning_rate",
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "sede: unknown key; did you mean 'seed'? known: cost, data, junk, kmeans, labels, loss",
        "unknown data source 'digts'; did you mean 'digits'? known: digits",
        "should be less than 1; got 1.5 (fraction kept away from learning, stratified; 0.25 by default)",
        "unknown key 'in_feature'; did you mean 'in_features'? known: bias, in_features, out_features",
        "'in_features' is missing: an integer",
        "'out_features' must be an integer; got 1.5",
        "unknown module 'Tnah'; did you mean 'Tanh'?",
        "unknown codes 'plus-mins'; did you mean 'plus-minus'?",
        "training.epochs: missing; add it (how often the training part is seen)",
        "training.epoch: unknown key; did you mean 'epochs'?",
        "should be a valid integer; got '16' (samples per update)",
        "should be greater than 0; got -0.02 (step length of an update)",
    ],
)
def test_each_sentence_tells_both_sides_and_the_remedy(sentence):
    assert sentence in "\n".join(_problems(TEXT))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('codes = "plus-mins"', "codes = [[1, 2], [3]]", "given codes must be one equally long list of numbers"),
        ('codes = "plus-mins"', 'codes = [["a"], ["b"]]', "got 'a'"),
        ("learning_rate = -0.02", "learning_rate = inf", "should be a finite number; got inf"),
        ("learning_rate = -0.02", "learning_rate = nan", "got nan"),
        ("[cost]\nmodule", "[cost]\nmodul", "cost.module: missing; add it (registry name of the module)"),
        ("[data]", "[date]", "data: missing; add it"),
        ("[cost]", "[const]", "const: unknown key; did you mean 'cost'?"),
        ("held_out = 1.5", "held_out = 0.5\npath = 'x'", "data: unknown key 'path'"),
        (
            'name = "x"',
            'name = "a/b"',
            "line 1, name: must begin with a letter or digit and go on with letters, digits",
        ),
        ("modules = [", "modules = []\nrest = [", "machine.modules: is empty; it needs at least one entry; got []"),
        ('"Euclidean"', '"Euclidian"', "unknown cost 'Euclidian'; did you mean 'Euclidean'?"),
        ("modules = [", "modules = 3\nrest = [", "machine.modules: should be a valid list; got 3"),
    ],
)
def test_more_kinds(old, new, sentence):
    text = TEXT.replace(old, new).replace("digts", "digits")
    assert sentence in "\n".join(_problems(text))


def test_an_unknown_cost_is_compared_with_costs_alone():
    (told,) = [problem for problem in _problems(TEXT.replace('"Euclidean"', '"Linaer"')) if "unknown cost" in problem]
    assert "Linear" not in told
    assert "Euclidean" in told


def test_long_values_are_cut():
    assert "got " + repr("x" * 500)[:57] + "…" in "\n".join(_problems(TEXT.replace('"16"', f'"{"x" * 500}"')))
