import gzip
import hashlib
from dataclasses import replace

import numpy as np
import pytest


@pytest.fixture
def put(tmp_path, monkeypatch):
    """put(file, content): a stand-in for a published file under a temporary XPNET_DATA, with its own hash."""
    monkeypatch.setenv("XPNET_DATA", str(tmp_path))

    def write(file, content):
        path = tmp_path / file.folder / file.name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return replace(file, sha256=hashlib.sha256(content).hexdigest())

    return write


@pytest.fixture
def idx():
    """idx(array): the gzipped bytes of an idx file."""

    def pack(array):
        sizes = np.asarray(array.shape, ">u4").tobytes()
        return gzip.compress(b"\x00\x00\x08" + bytes([array.ndim]) + sizes + array.astype(np.uint8).tobytes())

    return pack
