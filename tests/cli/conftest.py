import sys
from types import SimpleNamespace

import numpy as np
import pytest

from xpnet.cli.app import main

RECIPE = """\
name = "blobs"
seed = 3

[data]
source = "npz"
path = "blobs.npz"
scaling = "standard"

[machine]
modules = [
    { module = "Linear", in_features = 4, out_features = 6 },
    { module = "Tanh" },
    { module = "Linear", in_features = 6, out_features = 3 },
]

[cost]
module = "Euclidean"

[training]
epochs = 3
batch_size = 8
learning_rate = 0.5
inertia = 0.5
"""


@pytest.fixture(autouse=True)
def blobs(tmp_path, monkeypatch):
    """A folder with a recipe and its data, which is the current one; no setting is in force."""
    for variable in ("BACKEND", "DEVICE", "DTYPE", "DATA", "PROGRESS", "ACCEL", "STORE"):
        monkeypatch.delenv(f"XPNET_{variable}", raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)
    draws = np.random.default_rng(0)
    labels = np.repeat(np.arange(3), 20)
    samples = 3 * draws.standard_normal((3, 4))[labels] + draws.standard_normal((60, 4))
    np.savez(tmp_path / "blobs.npz", samples=samples, labels=labels, label_names=np.array(["[b]", "two", "three"]))
    np.save(tmp_path / "some.npy", samples[:4])
    (tmp_path / "blobs.toml").write_text(RECIPE)
    return tmp_path


@pytest.fixture
def xpnet(monkeypatch, capsys):
    """Runs the command line in this process: its exit code, and what it wrote."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["xpnet", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return SimpleNamespace(code=ended.value.code or 0, out=out, err=err)

    return run


@pytest.fixture
def trained(xpnet, blobs):
    """The folder of a finished run."""
    assert xpnet("train", "blobs.toml").code == 0
    return blobs / "runs" / "blobs"
