import subprocess
import sys

import numpy as np
import pytest

from xpnet.errors import CheckpointError
from xpnet.training.checkpoint import STATE, Checkpoint, read_checkpoint, require_match, write_checkpoint
from xpnet.training.checkpoint_meta import META, Meta, Position

META_DATA = Meta(
    xpnet="0", recipe={}, backend="numpy", dtype="float32", data="0", label_names=[], event_shape=[],
    position=Position(),
)  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    arrays = {"p/w": np.arange(6, dtype="float32").reshape(2, 3), "s/offset": np.asarray(0.5)}
    write_checkpoint(tmp_path / "c", Checkpoint(arrays, META_DATA))
    return tmp_path / "c"


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3).T,
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(12.0)[::2],
        np.arange(6.0)[::-1],
        np.broadcast_to(np.float32(3), (2, 2)),
        np.asarray(-0.0),
        np.zeros((0, 3)),
        np.array([np.nan, np.inf, 5e-324]),
    ],
    ids=["transposed", "fortran", "strided", "reversed", "broadcast", "scalar", "empty", "special"],
)
def test_any_layout_comes_back_bit_for_bit(tmp_path, array):
    write_checkpoint(tmp_path / "c", Checkpoint({"p/x": array}, META_DATA))
    back = read_checkpoint(tmp_path / "c").arrays["p/x"]
    assert (back.shape, back.dtype, back.tobytes()) == (array.shape, array.dtype, array.tobytes())


def test_groups_lose_their_prefix(folder):
    checkpoint = read_checkpoint(folder)
    assert (list(checkpoint.group("p")), list(checkpoint.group("s")), checkpoint.group("o")) == (["w"], ["offset"], {})


def test_every_truncation_and_every_flipped_byte_is_seen(folder):
    whole = (folder / STATE).read_bytes()
    damaged = [whole[:length] for length in range(len(whole))] + [whole + b"\0"]
    damaged += [whole[:k] + bytes([whole[k] ^ 0x10]) + whole[k + 1 :] for k in range(len(whole))]
    for raw in damaged:
        (folder / STATE).write_bytes(raw)
        with pytest.raises(CheckpointError, match=r"cannot use .*state\.safetensors: its? .*Use an older checkpoint"):
            read_checkpoint(folder)


@pytest.mark.parametrize("name", [STATE, META])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(CheckpointError, match=f"cannot use .*{name}: No such file or directory"):
        read_checkpoint(folder)


def test_a_state_of_another_format_under_a_right_hash_is_refused(folder, monkeypatch):
    monkeypatch.setattr("xpnet.training.checkpoint.save", lambda arrays: b"not safetensors")
    write_checkpoint(folder, Checkpoint({}, META_DATA))
    with pytest.raises(CheckpointError, match="it is not a safetensors file"):
        read_checkpoint(folder)


def test_names_shapes_and_dtypes_must_be_the_machines_own():
    ours = {"w": np.zeros((2, 3), dtype="float32")}
    require_match(ours, {"w": np.ones((2, 3), dtype="float32")}, "the checkpoint")
    for found, message in (
        ({}, r"the checkpoint is of another machine: it lacks \['w'\] and brings nothing more"),
        ({**ours, "v": ours["w"]}, r"it lacks nothing and brings \['v'\] more"),
        ({"w": np.zeros((3, 2), dtype="float32")}, r"'w' is float32 \(3, 2\) but the machine has float32 \(2, 3\)$"),
        ({"w": np.zeros((2, 3))}, r"'w' is float64 \(2, 3\) but the machine has float32 .*; choose --dtype float64"),
    ):
        with pytest.raises(CheckpointError, match=message):
            require_match(ours, found, "the checkpoint")


WATCHED = """
import sys
from pathlib import Path
from xpnet.errors import CheckpointError
from xpnet.training.checkpoint import read_checkpoint
folder = Path(sys.argv[1])
read_checkpoint(folder)  # everything is imported now
def watch(event, arguments):
    refused = event in ("exec", "compile", "os.system", "subprocess.Popen", "import", "pickle.find_class")
    if refused or event == "open" and not str(arguments[0]).startswith(str(folder)):
        print(event, arguments)
sys.addaudithook(watch)
read_checkpoint(folder)
"""


def test_reading_runs_no_code_and_opens_nothing_else(folder):
    command = [sys.executable, "-c", WATCHED, str(folder)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == ""
