import numpy as np
import pytest

from xpnet.data import names
from xpnet.errors import DataError


def test_each_name_comes_once_in_the_order_of_the_file(put, monkeypatch):
    monkeypatch.setattr(names, "FILE", put(names.FILE, b"emma\nava\nemma\nbo\n"))
    assert names.load_names() == ("emma", "ava", "bo")


def test_another_file_is_refused(put):
    put(names.FILE, b"emma\n")
    with pytest.raises(DataError, match=r"names\.txt is not the file that was published: SHA-256 "):
        names.load_names()


def test_without_the_file_it_is_said_where_it_can_be_had(tmp_path, monkeypatch):
    monkeypatch.setenv("XPNET_DATA", str(tmp_path))
    with pytest.raises(DataError, match=r"cannot read .*names\.txt .*karpathy/makemore"):
        names.load_names()


def test_letters_are_numbers_from_one_and_nothing_is_zero():
    letters = names.spelled(["az", ""], width=3)
    assert letters.tolist() == [[1, 26, 0], [0, 0, 0]]
    assert letters.dtype == np.uint8


@pytest.mark.parametrize("name", ["abcd", "Abe", "a b", "zoë"])
def test_what_cannot_be_spelled_is_refused(name):
    with pytest.raises(DataError, match=f"a name has at most 3 letters, all of a … z; got {name!r}"):
        names.spelled(["ann", name], width=3)


def test_the_published_file(data_folder):
    found = names.load_names()
    assert len(found) == 29494
    assert found[:3] == ("emma", "olivia", "ava")
    assert (min(map(len, found)), max(map(len, found))) == (2, names.LONGEST)
    letters = names.spelled(found)
    assert letters.max() == names.LETTERS
    assert tuple(names.read_out(letters)) == found
