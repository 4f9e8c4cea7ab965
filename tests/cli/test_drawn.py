from pathlib import Path

import pytest

from xpnet.cli.drawn import machine_of
from xpnet.errors import RecipeError


def test_given_codes_need_no_data(blobs):
    (blobs / "blobs.npz").unlink()
    codes = "labels.codes=[[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]"
    assert machine_of(Path("blobs.toml"), [codes]).label_set.shape == (2, 3)


def test_what_is_neither_run_nor_recipe():
    with pytest.raises(RecipeError, match="cannot read the recipe absent"):
        machine_of(Path("absent"))
