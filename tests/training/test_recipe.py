import pytest
from pydantic import ValidationError

from xpnet.training.recipe import Recipe


def test_defaults(document):
    document["data"] = {"source": "digits"}
    document["training"] = {"epochs": 1, "learning_rate": 1}
    del document["labels"], document["seed"]
    recipe = Recipe.model_validate(document)
    assert (recipe.seed, recipe.data.held_out, recipe.data.scaling, recipe.labels.codes) == (0, None, "none", "one-hot")
    training = recipe.training
    assert (training.batch_size, training.decay, training.inertia, training.checkpoint_every) == (32, 0, 0, 1)


def test_the_rate_decays_by_the_epoch(document):
    training = Recipe.model_validate(document).training
    assert [training.rate_at(epoch) for epoch in (0, 1, 10)] == pytest.approx([0.2, 0.2 / 1.1, 0.1])


def test_arguments_are_the_further_keys(document):
    recipe = Recipe.model_validate(document)
    assert recipe.machine.modules[0].arguments == {"in_features": 4, "out_features": 6}
    assert recipe.data.arguments == {"path": "blobs.npz"}


def test_a_recipe_survives_json(document):
    recipe = Recipe.model_validate(document)
    assert Recipe.model_validate(recipe.model_dump(mode="json")) == recipe


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "x" * 101, "a\n", "a b"])
def test_a_name_is_never_a_path(document, name):
    with pytest.raises(ValidationError, match="should match pattern"):
        Recipe.model_validate({**document, "name": name})


@pytest.mark.parametrize("module", ["os.system", "xpnet.modules.Linear", "builtins.eval", "Linear()"])
def test_only_registered_names_are_modules(document, module):
    document["cost"] = {"module": module}
    with pytest.raises(ValidationError, match="unknown cost"):
        Recipe.model_validate(document)
