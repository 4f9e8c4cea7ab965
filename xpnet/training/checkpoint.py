"""One checkpoint: a folder with `state.safetensors` (arrays) and `meta.json` (everything else, with hashes).

A checkpoint is data only: JSON and safetensors, fixed file names, no pickle, and no path that it names is opened.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from xpnet._typing import HostArray
from xpnet.errors import CheckpointError
from xpnet.training.atomic import write_folder
from xpnet.training.checkpoint_meta import META, FileFacts, Meta, broken, pack_meta, read_meta, sha256

STATE = "state.safetensors"

Arrays = Mapping[str, HostArray]


@dataclass(frozen=True)
class Checkpoint:
    """What was known at one moment: arrays by name ("p/…", "o/…", "s/…") and the meta data."""

    arrays: Arrays
    meta: Meta

    def group(self, prefix: str) -> dict[str, HostArray]:
        """The arrays whose name starts with `prefix` + "/", under the rest of their name."""
        return {name[len(prefix) + 1 :]: a for name, a in self.arrays.items() if name.startswith(prefix + "/")}


def write_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Put the checkpoint into `folder`, all of it or nothing.

    Raises CheckpointError when the disk refuses; what stood there before is then untouched.
    """
    # safetensors 0.8 writes the buffer of a non-contiguous array as it lies, that is: wrong values, silently.
    # (ascontiguousarray alone would turn shape () into (1,).)
    arrays = {name: np.ascontiguousarray(a).reshape(np.shape(a)) for name, a in checkpoint.arrays.items()}
    state = save(arrays)
    meta = checkpoint.meta.model_copy(update={"files": {STATE: FileFacts(sha256=sha256(state), bytes=len(state))}})
    write_folder(folder, {STATE: state, META: pack_meta(meta)})


def read_checkpoint(folder: Path) -> Checkpoint:
    """The checkpoint in `folder`, with its hashes checked; CheckpointError names the file, the cause and the remedy."""
    meta = read_meta(folder / META)
    state = _verified(folder / STATE, meta)
    try:
        return Checkpoint(load(state), meta)
    except (SafetensorError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise broken(folder / STATE, f"it is not a safetensors file ({error})") from error


def _verified(path: Path, meta: Meta) -> bytes:
    facts = meta.files.get(STATE)
    if facts is None or len(meta.files) != 1:
        raise broken(path, f"{META} lists {sorted(meta.files)} in place of it")
    try:
        size = path.stat().st_size
        if size != facts.bytes:
            raise broken(path, f"it has {size} bytes where {META} says {facts.bytes}")
        state = path.read_bytes()
    except OSError as error:
        raise broken(path, error.strerror or str(error)) from error
    if sha256(state) != facts.sha256:
        raise broken(path, f"its SHA-256 is not the one in {META}")
    return state


def require_match(expected: Arrays, found: Arrays, where: str) -> None:
    """Raise CheckpointError unless names, shapes and dtypes are the machine's own."""
    missing, foreign = sorted(expected.keys() - found.keys()), sorted(found.keys() - expected.keys())
    if missing or foreign:
        msg = f"{where} is of another machine: it lacks {missing or 'nothing'} and brings {foreign or 'nothing'} more"
        raise CheckpointError(msg)
    for name, array in expected.items():
        ours, theirs = (array.dtype, array.shape), (found[name].dtype, found[name].shape)
        if ours != theirs:
            remedy = f"; choose --dtype {theirs[0]}" if ours[0] != theirs[0] else ""
            msg = f"{where}: {name!r} is {theirs[0]} {theirs[1]} but the machine has {ours[0]} {ours[1]}{remedy}"
            raise CheckpointError(msg)
