import numpy as np
import pytest

from xpnet.cli.trained import Trained
from xpnet.errors import CheckpointError, ShapeError
from xpnet.training.evaluation import answer
from xpnet.training.run_folder import RunFolder


def test_a_run_answers_as_it_did_when_it_was_trained(trained):
    again = Trained(trained)
    kept = RunFolder(trained).newest().group("p")
    assert all((again.assembly.store.state_dict()[name] == array).all() for name, array in kept.items())
    assert again.assembly.label_names == ("[b]", "two", "three")


def test_the_dtype_of_the_run_is_taken_unless_another_is_asked_for(xpnet, blobs, monkeypatch):
    xpnet("train", "blobs.toml", "--dtype", "float64")
    run = blobs / "runs" / "blobs"
    assert Trained(run).assembly.backend.dtype_name == "float64"
    with pytest.raises(CheckpointError, match="choose --dtype float64"):
        Trained(run, (None, None, "float32"))
    monkeypatch.setenv("XPNET_DTYPE", "float32")
    with pytest.raises(CheckpointError, match="choose --dtype float64"):
        Trained(run)


def test_beta_is_that_of_the_loss_or_one(xpnet, trained, blobs):
    assert Trained(trained).beta == 1.0
    for name, loss, beta in (
        ("nll", 'name = "NegativeLogLikelihood"\nbeta = 2.5', 2.5),
        ("hinge", 'name = "HingeLoss"', 1.0),
    ):
        (blobs / f"{name}.toml").write_text(f"{(blobs / 'blobs.toml').read_text()}[loss]\n{loss}\n")
        assert xpnet("train", f"{name}.toml", "--run-dir", name).code == 0
        assert Trained(blobs / name).beta == beta


def test_samples_are_scaled_as_in_training(trained, blobs):
    run, samples = Trained(trained), np.load(blobs / "blobs.npz")["samples"]
    assert abs(run.scaled(samples).std(axis=0) - 1).max() < 0.1 < abs(samples.std(axis=0) - 1).max()
    assert answer(run.assembly, run.scaled(samples)).energies.shape == (60, 3)


def test_another_shape_is_refused(trained):
    with pytest.raises(ShapeError, match=r"trained on samples of shape \(4,\); got \(5,\) \(the file holds \(2, 5\)\)"):
        Trained(trained).scaled(np.zeros((2, 5)))
