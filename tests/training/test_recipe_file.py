import pytest

from xpnet.errors import RecipeError
from xpnet.training import recipe_file
from xpnet.training.recipe_file import check_recipe, override, read_recipe, toml_value

TEXT = """\
name = "x"
[data]
source = "digits"
[machine]
modules = [{ module = "Linear", in_features = 64, out_features = 10 }]
[cost]
module = "Euclidean"
[training]
epochs = 40
learning_rate = 0.1
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "r.toml"
    path.write_text(TEXT)
    return path


def test_overrides_are_put_in(file):
    recipe = read_recipe(file, ["training.epochs=3", "machine.modules.0.in_features = 8", "labels.codes=plus-minus"])
    assert (recipe.training.epochs, recipe.labels.codes) == (3, "plus-minus")
    assert recipe.machine.modules[0].arguments["in_features"] == 8


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("training.epochs", r"'training\.epochs' is not key=value; for example --set training\.epochs=3"),
        ("=3", "is not key=value"),
        ("training..epochs=3", "is not key=value"),
        ("machine.modules.7.module=Tanh", r"leads nowhere: no table or list position machine\.modules\.7\.module"),
        ("machine.modules.x=1", "leads nowhere"),
        ("name.x.y=1", "leads nowhere"),
        ("training.epoch=3", r"training\.epoch: unknown key; did you mean 'epochs'"),
        ("training.epochs=three", "training.epochs: should be a valid integer; got 'three'"),
    ],
)
def test_overrides_that_cannot_be(file, assignment, message):
    with pytest.raises(RecipeError, match=message):
        read_recipe(file, [assignment])


@pytest.mark.parametrize(
    ("text", "value"), [("3", 3), ("[1, 2]", [1, 2]), ('"a b"', "a b"), ("bare", "bare"), ("1\nx = 2", "1\nx = 2")]
)
def test_toml_values(text, value):
    assert toml_value(text) == value


def test_override_returns_the_document():
    assert override({}, ["a.b=1"]) == {"a": {"b": 1}}


def test_one_problem_stands_on_the_line_of_the_file(file):
    file.write_text(TEXT.replace("epochs = 40", "epochs = 0"))
    with pytest.raises(RecipeError, match=r"r\.toml: line 9, training\.epochs: should be greater than or equal to 1"):
        read_recipe(file)


def test_several_problems_are_counted_and_listed():
    with pytest.raises(RecipeError, match=r"(?s)^here: \d problems:\n  .*\n  "):
        check_recipe({"name": "x"}, "here")


def test_files_that_are_no_recipes(file, tmp_path, monkeypatch):
    with pytest.raises(RecipeError, match=r"cannot read the recipe .*absent\.toml: No such file"):
        read_recipe(tmp_path / "absent.toml")
    with pytest.raises(RecipeError, match=r"cannot read the recipe .*: Is a directory"):
        read_recipe(tmp_path)
    file.write_text("name = \nseed = 1")
    with pytest.raises(RecipeError, match=r"is not TOML: .*line 1"):
        read_recipe(file)
    file.write_bytes(b"name = '\xff'")
    with pytest.raises(RecipeError, match=r"is not UTF-8 text .* at byte 8"):
        read_recipe(file)
    monkeypatch.setattr(recipe_file, "LIMIT", 5)
    with pytest.raises(RecipeError, match="is larger than 5 bytes: not a recipe"):
        read_recipe(file)
