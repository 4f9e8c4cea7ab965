import pytest

from xpnet.backend import get_backend
from xpnet.errors import GraphError, RecipeError
from xpnet.training.assembly import assemble, build_module
from xpnet.training.recipe import ModuleSection
from xpnet.training.recipe_file import check_recipe


def test_the_recipe_becomes_a_machine_with_label_set(document):
    assembly = assemble(check_recipe(document, "test"), get_backend("numpy"), ("a", "b", "c"))
    assert [type(module).__name__ for _, module in assembly.machine.children()] == ["Linear", "Tanh", "Linear"]
    assert assembly.store.size == 4 * 6 + 6 + 6 * 3 + 3
    assert assembly.label_set.shape == (3, 3)


def test_the_seed_decides_the_first_parameters(document):
    states = []
    for seed in (0, 0, 1):
        recipe = check_recipe({**document, "seed": seed}, "test")
        states.append(assemble(recipe, get_backend("numpy"), ("a", "b", "c")).store.state_dict()["0.weight"].tolist())
    assert states[0] == states[1] != states[2]


def test_a_module_that_refuses_its_arguments_is_named_with_its_place():
    with pytest.raises(RecipeError, match=r"cost: Tanh does not accept \{'x': 1\}"):
        build_module(ModuleSection.model_construct(module="Tanh", x=1), "cost")


@pytest.mark.parametrize("size", [0, -1])
def test_sizes_are_at_least_one(size):
    section = ModuleSection.model_validate({"module": "Linear", "in_features": size, "out_features": 2})
    with pytest.raises(
        RecipeError, match=rf"machine\.modules\.0: Linear does not accept .*in_features is an integer .*; got {size}"
    ):
        build_module(section, "machine.modules.0")


def test_a_cost_must_be_one(document):
    document["cost"] = {"module": "Tanh"}
    with pytest.raises(RecipeError, match=r"cost: Tanh is no cost; known: .*Euclidean"):
        assemble(check_recipe(document, "test"), get_backend("numpy"), ("a", "b", "c"))


def test_what_cannot_be_a_cascade_says_so(document):
    document["machine"]["modules"].insert(1, {"module": "Branch", "n_outputs": 2})
    with pytest.raises(GraphError, match=r"module 1 \(Branch\) has 1 inputs and 2 outputs"):
        assemble(check_recipe(document, "test"), get_backend("numpy"), ("a", "b", "c"))
