"""The machine that `xpnet draw` is asked for: of a run, or of a recipe that was never trained."""

from collections.abc import Sequence
from pathlib import Path

from xpnet.backend import get_backend
from xpnet.cli.trained import Trained
from xpnet.training.assembly import Assembly, assemble
from xpnet.training.material import gather
from xpnet.training.recipe import Recipe
from xpnet.training.recipe_file import read_recipe


def machine_of(source: Path, overrides: Sequence[str] = ()) -> Assembly:
    """The machine of a run folder or of a recipe file, on the backend in force."""
    if source.is_dir():
        return Trained(source, overrides=overrides).assembly
    recipe = read_recipe(source, overrides)
    return assemble(recipe, get_backend(), _label_names(recipe))


def _label_names(recipe: Recipe) -> tuple[str, ...]:
    """The data know them; but a recipe that gives every code needs no data."""
    codes = recipe.labels.codes
    if isinstance(codes, str):
        return gather(recipe.data, recipe.junk).training.label_names
    return (*map(str, range(len(codes))), *([] if recipe.junk is None else [recipe.junk.label]))
