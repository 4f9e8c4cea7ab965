import json
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from xpnet.errors import CheckpointError, RecipeError
from xpnet.training.checkpoint import STATE, Checkpoint
from xpnet.training.checkpoint_meta import META, Meta, Position
from xpnet.training.run_folder import KEEP, RunFolder


def _checkpoint(step):
    meta = Meta(
        xpnet="0", recipe={}, backend="numpy", dtype="float32", data="0", label_names=[], event_shape=[],
        position=Position(step=step),
    )  # fmt: skip
    return Checkpoint({"p/w": np.full(3, step, dtype="float32")}, meta)


@pytest.fixture
def folder(tmp_path):
    run = RunFolder(tmp_path / "runs" / "x")
    run.prepare("name = 'x'\n", overwrite=False)
    for step in (5, 20, 100_000_000):
        run.save(_checkpoint(step))
    return run


def _steps(folder):
    return sorted(int(path.name[5:]) for path in folder.checkpoints.iterdir())


def test_the_newest_is_found_and_only_a_few_are_kept(folder):
    assert folder.newest().meta.position.step == 100_000_000
    folder.save(_checkpoint(100_000_001))
    assert _steps(folder) == [20, 100_000_000, 100_000_001]
    assert len(_steps(folder)) == KEEP


def test_a_damaged_newest_is_passed_over_with_a_warning(folder, caplog):
    (folder.checkpoints / "step-100000000" / STATE).write_bytes(b"")
    assert folder.newest().meta.position.step == 20
    assert "step-100000000/state.safetensors: it has 0 bytes" in caplog.text
    assert "going back to" in caplog.text


def test_when_all_are_damaged_nothing_is_guessed_and_nothing_touched(folder):
    for path in folder.checkpoints.iterdir():
        (path / META).write_text("{}")
    with pytest.raises(CheckpointError, match=r"no usable checkpoint in .*\(3 damaged\)\. The newest: cannot use"):
        folder.newest()
    assert len(_steps(folder)) == 3


def test_none_at_all_is_not_an_error_unless_one_is_required(tmp_path, folder):
    shutil.rmtree(folder.checkpoints)
    assert folder.newest() is None
    with pytest.raises(CheckpointError, match=r"holds no checkpoint yet; train with `xpnet train RECIPE --run-dir"):
        folder.require_newest()
    with pytest.raises(CheckpointError, match=r"no run folder .*absent; train one with `xpnet train RECIPE`"):
        RunFolder(tmp_path / "absent").require_newest()


def test_a_run_is_claimed_only_with_a_word(folder):
    with pytest.raises(RecipeError, match=r"already holds a run; add --resume .*, --overwrite .*, or --run-dir"):
        folder.claim(resume=False, overwrite=False)
    folder.claim(resume=True, overwrite=False)
    folder.claim(resume=False, overwrite=True)


def test_foreign_folders_are_never_claimed(tmp_path):
    (tmp_path / "thesis.tex").write_text("")
    (tmp_path / "empty").mkdir()
    RunFolder(tmp_path / "empty").claim(resume=False, overwrite=False)
    RunFolder(tmp_path / "absent").claim(resume=False, overwrite=False)
    for path in (tmp_path, tmp_path / "thesis.tex"):
        with pytest.raises(RecipeError, match="exists and is not a run of xpnet"):
            RunFolder(path).claim(resume=True, overwrite=True)


@pytest.mark.parametrize("foreign", ["recipe.toml", "checkpoints/best.ckpt"])
def test_what_only_looks_like_a_run_is_not_claimed(tmp_path, foreign):
    path = tmp_path / foreign
    path.parent.mkdir(exist_ok=True)
    path.write_text("")
    with pytest.raises(RecipeError, match="exists and is not a run of xpnet"):
        RunFolder(tmp_path).claim(resume=False, overwrite=True)


def test_an_interrupted_start_is_still_a_run(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    RunFolder(tmp_path).claim(resume=False, overwrite=True)
    (tmp_path / "recipe.toml").write_text("")
    RunFolder(tmp_path).claim(resume=False, overwrite=True)
    (tmp_path / "checkpoints").rmdir()
    (tmp_path / "metrics.jsonl").write_text("")
    RunFolder(tmp_path).claim(resume=False, overwrite=True)


def test_the_recipe_being_read_is_not_replaced(folder, tmp_path):
    folder.refuse_to_replace(tmp_path / "recipe.toml")
    for path in (folder.recipe, folder.replaced / "recipe.toml"):
        with pytest.raises(RecipeError, match=r"lies in the run folder .*; copy it elsewhere first, or .* --run-dir"):
            folder.refuse_to_replace(path)


@pytest.mark.parametrize(
    ("text", "told"),
    [("name = 'x'", r"this recipe's run is kept in runs/x, once `xpnet train .*r\.toml`"), ("?", "train one with")],
)
def test_a_recipe_is_no_run_but_tells_where_it_is(tmp_path, text, told):
    (tmp_path / "r.toml").write_text(text)
    with pytest.raises(CheckpointError, match=rf"r\.toml is a file, where the folder of a run is needed: {told}"):
        RunFolder(tmp_path / "r.toml").require_newest()


def test_overwriting_sets_aside_what_a_run_consists_of_and_nothing_else(folder):
    (folder.path / "notes.md").write_text("mine")
    folder.metrics.write_text("{}")
    folder.reject.write_text("drawn by evaluate")
    folder.prepare("name = 'y'\n", overwrite=True)
    assert sorted(path.name for path in folder.path.iterdir()) == [
        "checkpoints", "notes.md", "recipe.toml", "replaced"
    ]  # fmt: skip
    assert sorted(path.name for path in folder.replaced.iterdir()) == [
        "checkpoints", "metrics.jsonl", "recipe.toml", "reject.png"
    ]  # fmt: skip
    assert (_steps(folder), folder.recipe.read_text()) == ([], "name = 'y'\n")


def test_leftovers_of_an_interrupted_save_are_cleaned(folder):
    (folder.checkpoints / ".tmp-step-00000021-new-1").mkdir()
    assert folder.newest().meta.position.step == 100_000_000
    folder.prepare("", overwrite=False)
    assert _steps(folder) == [5, 20, 100_000_000]


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError, match=r"cannot create .*checkpoints: .*choose another folder with --run-dir"):
        RunFolder(tmp_path / "file" / "run").prepare("", overwrite=False)


def test_metrics_are_rewritten_and_appended(folder):
    folder.rewrite_metrics([{"epoch": 1}])
    folder.append_metrics({"epoch": 2, "train_energy": 0.5})
    lines = folder.metrics.read_text().splitlines()
    assert [json.loads(line) for line in lines] == [{"epoch": 1}, {"epoch": 2, "train_energy": 0.5}]
    shutil.rmtree(folder.path)
    with pytest.raises(CheckpointError, match=r"cannot write .*metrics\.jsonl: No such file"):
        folder.append_metrics({})


SAVER = """
import sys
from pathlib import Path
import numpy as np
from xpnet.training.checkpoint import Checkpoint
from xpnet.training.checkpoint_meta import Meta, Position
from xpnet.training.run_folder import RunFolder
folder = RunFolder(Path(sys.argv[1]))
for step in range(int(sys.argv[2]), 10**7):
    meta = Meta(xpnet="0", recipe={}, backend="n", dtype="f", data="", label_names=[], event_shape=[],
                position=Position(step=step))
    folder.save(Checkpoint({"p/w": np.full(100_000, step, dtype="float32")}, meta))
    print(step, flush=True)
"""


@pytest.mark.slow
def test_no_kill_loses_an_acknowledged_checkpoint(tmp_path):
    folder = RunFolder(tmp_path)
    folder.prepare("", overwrite=False)
    acknowledged = 0
    for kill in range(5):
        command = [sys.executable, "-c", SAVER, str(tmp_path), str(acknowledged + 1)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        acknowledged = int(process.stdout.readline())
        time.sleep(0.05 + 0.013 * kill)
        process.send_signal(signal.SIGKILL)
        acknowledged = int(([acknowledged, *process.stdout.read().split("\n")[:-1]])[-1])
        process.wait()
        process.stdout.close()
        newest = folder.newest()
        assert newest.meta.position.step >= acknowledged
        assert (newest.arrays["p/w"] == newest.meta.position.step).all()
        acknowledged = newest.meta.position.step


def test_overwriting_keeps_the_old_run_until_the_new_one_has_saved(folder):
    folder.prepare("name = 'new'\n", overwrite=True)
    assert folder.newest() is None
    assert [path.name for path in (folder.replaced / "checkpoints").iterdir()] != []
    folder.prepare("name = 'newer'\n", overwrite=True)  # the second attempt failed before saving anything, too
    assert (folder.replaced / "checkpoints").is_dir()
    folder.save(_checkpoint(1))
    assert not folder.replaced.exists()
