"""The machine that `xpnet draw` is asked for: of a run, or of a recipe that was never trained."""

from collections.abc import Sequence
from pathlib import Path

from xpnet.backend import get_backend
from xpnet.cli.trained import Trained
from xpnet.training.assembly import Assembly, assemble
from xpnet.training.material import gather
from xpnet.training.recipe_file import read_recipe


def machine_of(source: Path, overrides: Sequence[str] = ()) -> Assembly:
    """The machine of a run folder or of a recipe file, on the backend in force."""
    if source.is_dir():
        return Trained(source, overrides=overrides).assembly
    recipe = read_recipe(source, overrides)
    # The labels' number comes from the data unless the recipe gives every code.
    codes = recipe.labels.codes
    if isinstance(codes, str):
        count = len(gather(recipe.data).training.label_names)
    else:
        count = len(codes) + (recipe.junk is not None)
    return assemble(recipe, get_backend(), tuple(str(k) for k in range(count)))
