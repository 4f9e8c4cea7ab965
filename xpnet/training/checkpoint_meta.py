"""`meta.json` of a checkpoint: its fields, and a form in which no changed byte goes unseen."""

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from xpnet.errors import CheckpointError

META = "meta.json"
FORMAT = 1
LIMIT = 16 << 20  # bytes; some 50 000 epochs of metrics


class FileFacts(BaseModel):
    """What a file of the checkpoint must be."""

    model_config = ConfigDict(extra="forbid", strict=True)

    sha256: str
    bytes: int


class Position(BaseModel):
    """How far learning came: whole epochs, minibatches of the next one, updates in all."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    epoch: int = 0
    batch: int = 0
    step: int = 0


class Meta(BaseModel):
    """Everything but arrays: versions, the recipe as it was in force, the position, the metrics so far."""

    model_config = ConfigDict(extra="forbid", strict=True)

    format: int = FORMAT
    xpnet: str
    recipe: dict[str, Any]
    backend: str
    dtype: str
    data: str  # fingerprint of the data set
    label_names: list[str]
    event_shape: list[int]
    position: Position
    metrics: list[dict[str, int | float]] = []
    aliases: dict[str, str] = {}
    files: dict[str, FileFacts] = {}


def sha256(data: bytes) -> str:
    """The hexadecimal SHA-256 of these bytes."""
    return hashlib.sha256(data).hexdigest()


def pack_meta(meta: Meta) -> bytes:
    """The bytes of meta.json: one spelling per content, closed by a hash over the rest."""
    content = meta.model_dump(mode="json")
    packed = _spell({"sha256": sha256(_spell(content)), **content})
    if len(packed) > LIMIT:
        msg = f"{META} would have {len(packed)} bytes and {LIMIT} are read back; train fewer epochs per run"
        raise CheckpointError(msg)
    return packed


def read_meta(path: Path) -> Meta:
    """The meta data in this file; CheckpointError when one byte of it is not as it was written."""
    raw = _read(path)
    try:
        document = json.loads(raw)
        claimed = document.pop("sha256")
        intact = _spell({"sha256": claimed, **document}) == raw and sha256(_spell(document)) == claimed
        version = document.get("format")
        meta = Meta.model_validate(document) if intact and version == FORMAT else None
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise broken(path, f"it is not the meta data of a checkpoint ({type(error).__name__})") from error
    if meta is None:
        altered = "it was altered after it was written (its hash does not hold)"
        raise broken(path, f"its format is {version!r}, this xpnet reads {FORMAT}" if intact else altered)
    return meta


def _spell(content: dict[str, Any]) -> bytes:
    return json.dumps(content, indent=1, allow_nan=False).encode()


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(LIMIT + 1)
    except OSError as error:
        raise broken(path, error.strerror or str(error)) from error
    if len(raw) > LIMIT:
        raise broken(path, f"it has more than {LIMIT} bytes")
    return raw


def broken(path: Path, cause: str) -> CheckpointError:
    """The error about a file of a checkpoint that cannot be used."""
    return CheckpointError(f"cannot use {path}: {cause}. Use an older checkpoint, or train again with --overwrite")
