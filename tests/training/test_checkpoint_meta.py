import json

import pytest

from xpnet.errors import CheckpointError
from xpnet.training import checkpoint_meta
from xpnet.training.checkpoint_meta import Meta, Position, pack_meta, read_meta


@pytest.fixture
def meta():
    position = Position(epoch=2, batch=1, step=13)
    records = [{"epoch": 1, "train_energy": 0.1 + 0.2}, {"epoch": 2, "train_energy": 1e-300}]
    return Meta(
        xpnet="0", recipe={"name": "x"}, backend="numpy", dtype="float32", data="0", label_names=["a"],
        event_shape=[4], position=position, metrics=records,
    )  # fmt: skip


@pytest.fixture
def file(tmp_path, meta):
    path = tmp_path / "meta.json"
    path.write_bytes(pack_meta(meta))
    return path


def test_what_was_written_is_read(file, meta):
    read = read_meta(file)
    assert read == meta
    assert [type(value) for value in read.metrics[0].values()] == [int, float]


def test_every_flipped_bit_and_every_truncation_is_seen(file):
    whole = file.read_bytes()
    damaged = [whole[:length] for length in range(len(whole))]
    damaged += [whole[:k] + bytes([whole[k] ^ 1 << k % 8]) + whole[k + 1 :] for k in range(len(whole))]
    damaged += [whole + b" ", whole.replace(b"\n", b""), whole.replace(b'"dtype"', b'"dtype":"float32","dtype"')]
    for raw in damaged:
        file.write_bytes(raw)
        with pytest.raises(
            CheckpointError, match=r"cannot use .*meta\.json: .*Use an older checkpoint, or train again"
        ):
            read_meta(file)


@pytest.mark.parametrize("raw", [b"", b"3", b"[]", b"{}", b"null", b"[" * 5000, b"9" * 5000, b"\xff"])
def test_other_json_is_refused(file, raw):
    file.write_bytes(raw)
    with pytest.raises(CheckpointError, match="it is not the meta data of a checkpoint"):
        read_meta(file)


def test_another_format_is_named(file, meta):
    file.write_bytes(pack_meta(meta.model_copy(update={"format": 2})))
    with pytest.raises(CheckpointError, match="its format is 2, this xpnet reads 1"):
        read_meta(file)


def test_a_missing_field_under_a_right_hash_is_refused(file, meta):
    file.write_bytes(pack_meta(meta.model_copy(update={"aliases": {"a": "b"}, "recipe": {"c": 1}})))
    document = json.loads(file.read_bytes())
    del document["sha256"], document["dtype"]
    spelled = checkpoint_meta._spell(document)
    file.write_bytes(checkpoint_meta._spell({"sha256": checkpoint_meta.sha256(spelled), **document}))
    with pytest.raises(CheckpointError, match=r"not the meta data of a checkpoint \(ValidationError\)"):
        read_meta(file)


def test_oversized_files_are_neither_read_nor_written(file, meta, monkeypatch):
    monkeypatch.setattr(checkpoint_meta, "LIMIT", 100)
    with pytest.raises(CheckpointError, match="it has more than 100 bytes"):
        read_meta(file)
    with pytest.raises(CheckpointError, match=r"would have [0-9]+ bytes and 100 are read back"):
        pack_meta(meta)


def test_missing_file(tmp_path):
    with pytest.raises(CheckpointError, match="No such file or directory"):
        read_meta(tmp_path / "absent.json")


def test_equal_content_has_one_spelling(meta):
    assert pack_meta(meta) == pack_meta(Meta.model_validate(json.loads(meta.model_dump_json())))
