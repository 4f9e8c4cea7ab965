import hashlib

import pytest

from xpnet.data.folder import DataFile
from xpnet.errors import DataError

FILE = DataFile("shelf", "book.txt", hashlib.sha256(b"whole").hexdigest(), "the library")


def test_the_published_file_is_read(put):
    put(FILE, b"whole")
    assert FILE.read() == b"whole"


@pytest.mark.parametrize("content", [b"", b"whol", b"wholE", b"whole\n"])
def test_another_file_is_refused_with_its_origin(put, content):
    put(FILE, content)
    with pytest.raises(DataError, match=r"book\.txt is not the file that was published: .*Get it again from the libr"):
        FILE.read()


def test_a_missing_file_names_where_it_can_be_had(put, tmp_path):
    with pytest.raises(DataError, match=r"cannot read .*shelf.book\.txt \(No such file.*can be had from the library"):
        FILE.read()


def test_without_a_folder_the_setting_is_named(monkeypatch):
    monkeypatch.delenv("XPNET_DATA", raising=False)
    with pytest.raises(DataError, match=r"set XPNET_DATA to the folder that holds shelf/book\.txt, .* the library"):
        FILE.read()
