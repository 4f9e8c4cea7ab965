import json
import os
import signal
import subprocess
import sys
import time

import pytest

from xpnet.training.run_folder import RunFolder

START = "from xpnet.cli.app import main; main()"


def _parameters(folder):
    return {name: array.tobytes() for name, array in RunFolder(folder).newest().arrays.items()}


def test_a_run_keeps_everything(xpnet, blobs):
    shown = xpnet("train", "blobs.toml", "--set", "training.epochs=2")
    folder = blobs / "runs" / "blobs"
    assert shown.code == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "checkpoints", "confusion.png", "learning-curve.png", "metrics.jsonl", "recipe.toml",
    ]  # fmt: skip
    assert (folder / "recipe.toml").read_text().startswith("# run with --set training.epochs=2\nname =")
    assert [json.loads(line)["epoch"] for line in (folder / "metrics.jsonl").read_text().splitlines()] == [1, 2]
    assert "blobs: 45 training and 15 held-out samples (4,), 3 labels, 51 parameters, NumpyBackend" in shown.out
    assert "epoch 2/2  errors: train" in shown.out
    for word in ("held-out samples", "E([b])", "margin", "mean energy"):
        assert word in shown.out


def test_options_reach_the_run(xpnet, blobs):
    shown = xpnet("train", "blobs.toml", "--run-dir", "here", "--backend", "strict", "--dtype", "float64")
    meta = RunFolder(blobs / "here").newest().meta
    assert (shown.code, meta.backend, meta.dtype) == (0, "strict", "float64")


def test_strict_gives_the_same_table(xpnet):
    tables = [
        xpnet("train", "blobs.toml", "--run-dir", name, "--backend", name, "--dtype", "float64").out.partition(
            " part "
        )[2]
        for name in ("numpy", "strict")
    ]
    assert tables[0].replace("numpy", "strict") == tables[1]


def test_a_run_is_never_overwritten_silently(xpnet, trained):
    before = {path: path.read_bytes() for path in trained.rglob("*") if path.is_file()}
    shown = xpnet("train", "blobs.toml")
    assert shown.code == 64
    assert "already holds a run; add --resume to go on, --overwrite to replace it, or --run-dir DIR" in shown.err
    assert {path: path.read_bytes() for path in trained.rglob("*") if path.is_file()} == before
    assert xpnet("train", "blobs.toml", "--overwrite").code == 0
    assert xpnet("train", "blobs.toml", "--overwrite", "--resume").code == 64


def test_resume_is_bit_exact(xpnet, blobs):
    xpnet("train", "blobs.toml", "--run-dir", "straight", "--set", "training.epochs=6")
    xpnet("train", "blobs.toml", "--run-dir", "parts")
    shown = xpnet("train", "blobs.toml", "--run-dir", "parts", "--resume", "--set", "training.epochs=6")
    assert "resumed at step 18, epoch 3 (SHA-256 holds)" in shown.out
    assert _parameters(blobs / "parts") == _parameters(blobs / "straight")
    assert len((blobs / "parts" / "metrics.jsonl").read_text().splitlines()) == 6


def test_resume_without_a_run_starts_one(xpnet, blobs):
    assert "nothing to resume in" in xpnet("train", "blobs.toml", "--resume").out


def test_resume_refuses_what_would_not_be_the_same_run(xpnet, trained):
    for option, told in (
        ("training.inertia=0.25", "training.inertia is 0.25 and was 0.5"),
        ("machine.modules.0.out_features=7", "machine.modules.0.out_features is 7 and was 6"),
        ("data.split_seed=1", "data.split_seed is 1 and was not given"),
    ):
        shown = xpnet("train", "blobs.toml", "--resume", "--set", option)
        assert shown.code == 64
        assert told in shown.err
    shown = xpnet("train", "blobs.toml", "--resume", "--dtype", "float64")
    assert shown.code == 66
    assert "choose --dtype float32" in shown.err


def test_a_damaged_run_is_left_alone(xpnet, trained):
    for state in trained.glob("checkpoints/*/state.safetensors"):
        state.write_bytes(b"")
    before = {path: path.read_bytes() for path in trained.rglob("*") if path.is_file()}
    shown = xpnet("train", "blobs.toml", "--resume")
    assert shown.code == 66
    assert "no usable checkpoint" in shown.err
    assert {path: path.read_bytes() for path in trained.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("option", "code", "told"),
    [
        ("training.epoch=3", 64, "training.epoch: unknown key; did you mean 'epochs'?"),
        ("machine.modules.0.in_features=5", 65, "Change its sizes: in_features = 4"),
        ("machine.modules.2.out_features=2", 65, "(machine.modules.2) to 3"),
        ("data.path=absent.npz", 65, "no data file absent.npz; set XPNET_DATA"),
        ("labels.codes=[[1.0,2.0,3.0]]", 64, "labels.codes gives 1 codes for 3 labels"),
    ],
)
def test_what_does_not_fit_is_told_before_anything_is_written(xpnet, blobs, option, code, told):
    shown = xpnet("train", "blobs.toml", "--set", option)
    assert shown.code == code
    assert told in shown.err
    assert not (blobs / "runs").exists()


def test_an_unusable_backend_ends_with_its_own_code(xpnet, blobs):
    shown = xpnet("train", "blobs.toml", "--backend", "cupy")
    if shown.code:  # no CUDA device here
        assert shown.code == 78
        assert not (blobs / "runs").exists()


def test_an_overflow_is_one_clear_line(xpnet):
    shown = xpnet("train", "blobs.toml", "--set", "training.learning_rate=1e30")
    assert shown.code == 65
    assert shown.err.count("\n") == 1
    assert "saved checkpoints are untouched" in shown.err


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_save_and_end_with_their_code(blobs, xpnet, signum, code):
    command = [sys.executable, "-c", START, "train", "blobs.toml", "--set", "training.epochs=100000"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ)
    for line in process.stdout:
        if line.startswith("epoch 2/"):
            break
    process.send_signal(signum)
    asked = time.monotonic()
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (code, "")
    assert time.monotonic() - asked < 10
    assert f"stopped by signal {signum.value} at step" in out
    step = RunFolder(blobs / "runs" / "blobs").newest().meta.position.step
    epochs = step // 6 + 1
    xpnet("train", "blobs.toml", "--resume", "--set", f"training.epochs={epochs}")
    xpnet("train", "blobs.toml", "--run-dir", "straight", "--set", f"training.epochs={epochs}")
    assert _parameters(blobs / "runs" / "blobs") == _parameters(blobs / "straight")
