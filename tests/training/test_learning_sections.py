import pytest
from pydantic import ValidationError

from xpnet.training.recipe import Recipe
from xpnet.training.recipe_problems import describe_problems


def _told(document):
    with pytest.raises(ValidationError) as caught:
        Recipe.model_validate(document)
    return describe_problems(caught.value, "")


@pytest.mark.parametrize(
    ("section", "values", "told"),
    [
        ("loss", {"name": "HingLoss"}, "loss: unknown loss 'HingLoss'; did you mean 'HingeLoss'?"),
        ("loss", {"name": "HingeLoss", "margn": 1.0}, "loss: unknown key 'margn'; did you mean 'margin'?"),
        ("loss", {}, "loss.name: missing; add it (registry name of the loss)"),
        ("junk", {"energy": 1.0}, "junk.label: missing; add it (name of the label that means none of the above)"),
        ("junk", {"label": "a", "energi": 1.0}, "junk.energi: unknown key; did you mean 'energy'?"),
        ("kmeans", {"spread": 0.0}, "kmeans.spread: should be greater than 0; got 0.0"),
        ("kmeans", {"starts": 0}, "kmeans.starts: should be greater than or equal to 1; got 0"),
    ],
)
def test_each_section_tells_what_it_does_not_take(document, section, values, told):
    assert any(problem.startswith(told) for problem in _told({**document, section: values})), _told(
        {**document, section: values}
    )


def test_a_recipe_without_a_cost_needs_a_loss(document):
    del document["cost"], document["labels"]
    assert "nothing would push the energies of other labels up without [cost]" in _told(document)[0]
    recipe = Recipe.model_validate({**document, "loss": {"name": "NegativeLogLikelihood"}})
    assert recipe.cost is None


def test_a_junk_category_needs_a_loss(document):
    assert "without a [loss] and with [junk]: add a [loss]" in _told({**document, "junk": {"label": "a"}})[0]


def test_without_a_cost_codes_would_mean_nothing(document):
    del document["cost"]
    told = _told({**document, "loss": {"name": "HingeLoss"}})[0]
    assert "without [cost] the machine's outputs are the labels' energies: leave labels.codes out" in told
