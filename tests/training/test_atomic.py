import os
from pathlib import Path

import pytest

from xpnet.errors import CheckpointError
from xpnet.training import atomic
from xpnet.training.atomic import STALE, remove_stale, sync_folder, write_file, write_folder

OLD, NEW = {"a": b"old", "b": b"old"}, {"a": b"new", "b": b"new"}


def _content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_folder_is_created_and_replaced(tmp_path):
    for files in (OLD, NEW):
        write_folder(tmp_path / "deep" / "x", files)
        assert _content(tmp_path / "deep" / "x") == files
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["x"]


@pytest.mark.parametrize("call", range(12))
@pytest.mark.parametrize("name", ["fsync", "open", "close"])
def test_whichever_system_call_fails_the_old_or_the_new_content_stands(tmp_path, monkeypatch, name, call):
    write_folder(tmp_path / "x", OLD)
    count, real = iter(range(1000)), getattr(os, name)

    def failing(*arguments):
        result = real(*arguments)
        if next(count) == call:
            raise OSError(28, "No space left on device")
        return result

    with monkeypatch.context() as patched:
        patched.setattr(atomic.os, name, failing)
        try:
            write_folder(tmp_path / "x", NEW)
        except CheckpointError as error:
            assert "What was saved before is untouched" in str(error)  # noqa: PT017
    assert _content(tmp_path / "x") in (OLD, NEW)


def test_a_rename_that_fails_brings_the_old_content_back(tmp_path, monkeypatch):
    write_folder(tmp_path / "x", OLD)
    real, count = Path.replace, iter(range(9))

    def failing(path, target):
        if next(count) == 1:
            raise OSError(5, "Input/output error")
        return real(path, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(CheckpointError, match=r"Input/output error\. What was saved before is untouched"):
        write_folder(tmp_path / "x", NEW)
    assert _content(tmp_path / "x") == OLD
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_an_error_while_writing_leaves_the_old_content(tmp_path, monkeypatch):
    write_folder(tmp_path / "x", OLD)

    def full(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic, "_write_synced", full)
    with pytest.raises(CheckpointError, match=r"cannot write .*x: No space left on device\. What was saved before is"):
        write_folder(tmp_path / "x", NEW)
    assert _content(tmp_path / "x") == OLD
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_one_file(tmp_path):
    write_file(tmp_path / "f", b"1")
    write_file(tmp_path / "f", b"2")
    assert _content(tmp_path) == {"f": b"2"}
    with pytest.raises(CheckpointError, match=r"cannot write .*No such file or directory"):
        write_file(tmp_path / "absent" / "f", b"")


def test_leftovers_are_removed_and_nothing_else(tmp_path):
    (tmp_path / f"{STALE}x").mkdir()
    (tmp_path / f"{STALE}x" / "f").write_bytes(b"")
    (tmp_path / f"{STALE}y").write_bytes(b"")
    (tmp_path / "kept").mkdir()
    remove_stale(tmp_path)
    sync_folder(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
