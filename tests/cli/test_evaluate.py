import shutil
import sys

import numpy as np
import pytest


def test_the_table_of_the_training_comes_again(xpnet, blobs):
    table = xpnet("train", "blobs.toml").out.partition(" part ")[2].partition("held-out samples")[0]
    shown = xpnet("evaluate", blobs / "runs" / "blobs")
    assert shown.code == 0
    assert table.strip() in shown.out
    assert "answered" in shown.out
    assert "[b]" in shown.out


def test_the_quality_of_the_held_out_answers_is_told(xpnet, trained):
    shown = xpnet("evaluate", trained).out
    assert "by margin" in shown
    assert "β = 1, given" in shown
    assert "energy gaps: " in shown
    assert " of 15 below 0 (right)" in shown
    assert "pictures" not in shown
    assert not (trained / "reject.png").exists()


def test_with_a_bound_answers_are_correct_wrong_or_rejected(xpnet, trained):
    accepted = xpnet("evaluate", trained, "--reject-margin", "0")
    rows = [line.split() for line in accepted.out.splitlines()]
    assert ["part", "samples", "correct", "error", "rejected", "error", "of", "accepted"] in rows
    assert ["desired", "[b]", "two", "three", "rejected", "error"] in rows
    assert next(row for row in rows if row[:1] == ["held-out"])[6:8] == ["0.00", "%"]
    for option, bound in (("--reject-energy", "-1"), ("--reject-probability", "1"), ("--reject-margin", "inf")):
        rows = [line.split() for line in xpnet("evaluate", trained, option, bound).out.splitlines()]
        held_out = next(row for row in rows if row[:1] == ["held-out"])
        assert held_out == ["held-out", "15", "0.00", "%", "0.00", "%", "100.00", "%", "-"]
        assert ["two", "·", "·", "·", "5", "0.00", "%"] in rows
    assert xpnet("evaluate", trained, "--reject-margin", "-1").code == 64


def test_pictures_are_drawn_into_the_folder(xpnet, trained):
    pytest.importorskip("matplotlib")
    shown = xpnet("evaluate", trained, "--pictures")
    assert shown.code == 0
    assert shown.out.splitlines()[-1] == f"pictures in {trained}: reject.png, gaps.png, calibration.png"
    for name in ("reject", "gaps", "calibration"):
        assert (trained / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_the_remedy_is_told(xpnet, trained, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setitem(sys.modules, "matplotlib.backends.backend_agg", None)
    shown = xpnet("evaluate", trained, "--pictures")
    assert shown.code == 0
    assert shown.out.splitlines()[-1] == 'no pictures: pictures need matplotlib; pip install "xpnet[plot]"'


def test_other_data_are_refused_and_moved_data_found(xpnet, trained, blobs):
    (blobs / "moved").mkdir()
    shutil.move(blobs / "blobs.npz", blobs / "moved" / "blobs.npz")
    assert "no data file blobs.npz" in xpnet("evaluate", trained).err
    assert xpnet("evaluate", trained, "--set", "data.path=moved/blobs.npz").code == 0
    np.savez(blobs / "blobs.npz", samples=np.zeros((8, 4)), labels=np.arange(8) % 2)
    shown = xpnet("evaluate", trained)
    assert (shown.code, "the data are not those of the run" in shown.err) == (66, True)


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("data.held_out=0.5", "data.held_out is 0.5 and was not given"),
        ("data.split_seed=1", "data.split_seed is 1 and was not given"),
        ("data.validation=0.5", "data.validation is 0.5 and was not given"),
        ("data.scaling=none", "data.scaling is 'none' and was 'standard'"),
        ("labels.codes=plus-minus", "labels.codes is 'plus-minus' and was 'one-hot'"),
    ],
)
def test_a_run_is_never_judged_by_what_it_learned(xpnet, trained, option, told):
    shown = xpnet("evaluate", trained, "--set", option)
    assert (shown.code, shown.out) == (64, "")
    assert f"not what the run was trained with: {told}. Leave it out; of the data, only data.path may move" in shown.err


def test_another_source_is_no_place_of_the_same_data(xpnet, trained):
    shown = xpnet("evaluate", trained, "--set", "data.source=digits")
    assert (shown.code, shown.out) == (64, "")


WITH_JUNK = """\
name = "junk"
[data]
source = "npz"
path = "blobs.npz"
scaling = "standard"
[machine]
modules = [
    { module = "Rbf", in_features = 4, n_centres = 6, out_features = 2 },
    { module = "Bias", features = 2 },
]
[kmeans]
spread = 2.0
[loss]
name = "NegativeLogLikelihood"
[junk]
label = "[b]"
trainable = true
[training]
epochs = 4
batch_size = 8
learning_rate = 0.5
"""


def test_a_run_with_loss_junk_and_centres_resumes_and_is_judged_again(xpnet, blobs):
    (blobs / "junk.toml").write_text(WITH_JUNK)
    assert xpnet("train", "junk.toml", "--run-dir", "whole").code == 0
    assert xpnet("train", "junk.toml", "--run-dir", "halves", "--set", "training.epochs=2").code == 0
    assert xpnet("train", "junk.toml", "--run-dir", "halves", "--resume").code == 0
    states = [next(blobs.glob(f"{run}/checkpoints/step-*24/state.safetensors")) for run in ("whole", "halves")]
    assert states[0].read_bytes() == states[1].read_bytes()
    table = xpnet("evaluate", "whole").out
    assert table.splitlines()[-6].split() == ["desired", "two", "three", "[b]"]  # junk is the last answer
    assert xpnet("run", "whole", "some.npy").code == 0
    assert "junk category: [b]" in xpnet("draw", "junk.toml").out
    assert "energies of all labels" in xpnet("draw", "junk.toml", "--mermaid").out
