"""The recipes in examples/ reach the errors that they promise, on every array library alike."""

from pathlib import Path

import pytest

from xpnet.backend import get_backend
from xpnet.training.loop import train
from xpnet.training.recipe_file import read_recipe
from xpnet.training.start import start

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def _learn(name, backend="numpy", overrides=()):
    recipe = read_recipe(EXAMPLES / f"{name}.toml", overrides)
    session = start(recipe, get_backend(backend, dtype="float32"))
    train(session)
    return session.history


@pytest.fixture(autouse=True)
def digits():
    pytest.importorskip("sklearn", reason="scikit-learn is not installed: it brings the digits")


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "split"), [(0, 0), (1, 0), (2, 0), (0, 1)])
def test_digits_are_read_with_at_most_two_and_a_half_percent_errors(seed, split):
    last = _learn("digits", overrides=[f"seed={seed}", f"data.split_seed={split}"])[-1]
    assert last["held_out_count"] == 449
    assert last["held_out_errors"] <= 0.025 * last["held_out_count"]


def test_digits_on_strict_are_the_same_to_rounding():
    short = ["training.epochs=3"]
    for ours, theirs in zip(_learn("digits", "numpy", short), _learn("digits", "strict", short), strict=True):
        for key in ours.keys() - {"seconds"}:
            assert theirs[key] == pytest.approx(ours[key], rel=1e-4), key


def test_every_recipe_is_valid():
    recipes = sorted(EXAMPLES.glob("*.toml"))
    assert recipes
    for path in recipes:
        assert read_recipe(path).name == path.stem
