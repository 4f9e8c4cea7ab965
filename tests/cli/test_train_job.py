from pathlib import Path

import pytest

from xpnet.backend import get_backend
from xpnet.cli.train_job import TrainJob
from xpnet.errors import RecipeError


def test_a_job_can_be_run_from_python(blobs, capsys):
    job = TrainJob(Path("blobs.toml"), ("training.epochs=1",), Path("there"), bar=False)
    assert job.run(get_backend("numpy")) == 0
    assert "kept in there" in capsys.readouterr().out
    with pytest.raises(RecipeError, match="already holds a run"):
        job.run(get_backend("numpy"))


def test_a_run_is_not_replaced_by_its_own_recipe(trained):
    job = TrainJob(trained / "recipe.toml", run_dir=trained, overwrite=True, bar=False)
    with pytest.raises(RecipeError, match=r"recipe\.toml lies in the run folder"):
        job.run(get_backend("numpy"))
    assert (trained / "recipe.toml").is_file()
