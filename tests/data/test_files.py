import numpy as np
import pytest

from xpnet.data.files import find_file, load_npy, load_npz
from xpnet.errors import DataError

SAMPLES = np.arange(8.0).reshape(4, 2)


@pytest.fixture
def save(tmp_path):
    def write(name="data.npz", **arrays):
        np.savez(tmp_path / name, **arrays)
        return str(tmp_path / name)

    return write


def test_integer_labels_become_names_in_rising_order(save):
    data = load_npz(save(samples=SAMPLES, labels=np.array([7, 3, 3, 7])))
    assert (data.label_names, data.labels.tolist()) == (("3", "7"), [1, 0, 0, 1])


def test_words_may_be_labels(save):
    data = load_npz(save(samples=SAMPLES, labels=np.array(["cat", "ant", "cat", "cat"])))
    assert (data.label_names, data.labels.tolist()) == (("ant", "cat"), [1, 0, 1, 1])


def test_given_names_leave_labels_as_they_are(save):
    data = load_npz(save(samples=SAMPLES, labels=np.array([1, 0, 0, 1]), label_names=np.array(["x", "y", "z"])))
    assert (data.label_names, data.labels.tolist()) == (("x", "y", "z"), [1, 0, 0, 1])


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"samples": SAMPLES}, "has no array 'labels'; it holds samples"),
        ({"labels": np.zeros(4)}, "has no array 'samples'; it holds labels"),
        ({"samples": SAMPLES, "labels": np.zeros(4)}, "labels must be integers or words; got dtype float64"),
        ({"samples": SAMPLES, "labels": np.zeros(3, dtype=int)}, r"need labels of shape \(4,\); got \(3,\)"),
    ],
)
def test_incomplete_files_are_refused(save, arrays, message):
    with pytest.raises(DataError, match=message):
        load_npz(save(**arrays))


def test_pickled_objects_are_never_loaded(tmp_path):
    np.save(tmp_path / "x.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match=r"cannot read .*x\.npy: it holds Python objects, which are never unpickled"):
        load_npy(tmp_path / "x.npy")


def test_files_that_are_no_samples_are_told_plainly(tmp_path):
    (tmp_path / "text.npy").write_text("1,2\n3,4\n")
    (tmp_path / "text.npz").write_text("1,2\n3,4\n")
    for name, told in (
        ("absent.npy", r"absent\.npy: no such file$"),
        ("text.npy", r"text\.npy: it is not a \.npy file; write it with numpy\.save"),
        ("text.npz", r"text\.npz: it is not a \.npz file"),
        (".", "it is a folder, where a .npy file is needed"),
    ):
        with pytest.raises(DataError, match=told) as caught:
            load_npy(tmp_path / name)
        assert "pickle" not in str(caught.value)


def test_a_single_array_is_no_training_file(tmp_path):
    np.save(tmp_path / "x.npy", SAMPLES)
    with pytest.raises(DataError, match=r"holds a single array; a training file is a \.npz"):
        load_npz(str(tmp_path / "x.npy"))


def test_npy_samples_and_a_single_vector(tmp_path, save):
    np.save(tmp_path / "x.npy", SAMPLES)
    np.save(tmp_path / "v.npy", SAMPLES[0])
    assert load_npy(tmp_path / "x.npy").tolist() == SAMPLES.tolist()
    assert load_npy(tmp_path / "v.npy").shape == (1, 2)
    assert load_npy(tmp_path / save(samples=SAMPLES)).shape == (4, 2)


def test_every_truncation_is_one_clear_error(tmp_path):
    np.save(tmp_path / "x.npy", SAMPLES)
    whole = (tmp_path / "x.npy").read_bytes()
    for length in range(len(whole)):
        (tmp_path / "short.npy").write_bytes(whole[:length])
        with pytest.raises(DataError, match=r"cannot read .*short\.npy"):
            load_npy(tmp_path / "short.npy")


def test_relative_paths_are_looked_for_in_the_data_folder(tmp_path, save, monkeypatch):
    save("in_folder.npz", samples=SAMPLES, labels=np.array([0, 1, 0, 1]))
    monkeypatch.setenv("XPNET_DATA", str(tmp_path))
    assert find_file("in_folder.npz") == tmp_path / "in_folder.npz"
    with pytest.raises(DataError, match=r"no data file .*absent\.npz or absent\.npz; set XPNET_DATA"):
        find_file("absent.npz")
