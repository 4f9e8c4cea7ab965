"""Writing so that a reader sees the old content or the new one, whatever happens in between."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from xpnet.errors import CheckpointError

STALE = ".tmp-"  # first letters of everything unfinished


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Create `folder` with these files, or replace it; CheckpointError when the disk refuses."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished = _fresh(folder, "new")
        unfinished.mkdir()
        try:
            for name, content in files.items():
                _write_synced(unfinished / name, content)
            sync_folder(unfinished)
            _move(unfinished, folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        sync_folder(folder.parent)
    except OSError as error:
        raise _refused(folder, error) from error


def write_file(path: Path, content: bytes) -> None:
    """Create or replace one file; CheckpointError when the disk refuses."""
    unfinished = path.with_name(f"{STALE}{path.name}")
    try:
        _write_synced(unfinished, content)
        unfinished.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise _refused(path, error) from error


def remove_stale(parent: Path) -> None:
    """Delete what an interrupted write left behind."""
    for leftover in parent.glob(f"{STALE}*"):
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Have the operating system put a folder's entries onto the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _move(unfinished: Path, folder: Path) -> None:
    # A folder that holds files cannot be replaced in one step, so an old one moves aside, and back if need be.
    if not folder.exists():
        unfinished.replace(folder)
        return
    aside = _fresh(folder, "old")
    folder.replace(aside)
    try:
        unfinished.replace(folder)
    except OSError:
        aside.replace(folder)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _fresh(folder: Path, kind: str) -> Path:
    path = folder.with_name(f"{STALE}{folder.name}-{kind}-{os.getpid()}")
    shutil.rmtree(path, ignore_errors=True)
    return path


def _refused(path: Path, error: OSError) -> CheckpointError:
    return CheckpointError(f"cannot write {path}: {error.strerror or error}. What was saved before is untouched")
