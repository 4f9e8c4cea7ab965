import numpy as np
import pytest

from xpnet.data import vowels
from xpnet.errors import DataError

HEADER = b"y," + b",".join(b"x.%d" % k for k in range(1, 11)) + b"\n"


def _table(rows):
    lines = (f"{label}," + ",".join(f"{label}.{k}" for k in range(10)) for label in rows)
    return HEADER + "\n".join(lines).encode() + b"\n"


@pytest.fixture
def small(put, monkeypatch):
    """Two vowels of each of eight speakers, and three of another."""
    monkeypatch.setattr(vowels, "TRAIN", put(vowels.TRAIN, _table([1, 2] * 8)))
    monkeypatch.setattr(vowels, "TEST", put(vowels.TEST, _table([11, 1, 3])))


def test_the_class_counts_from_1_in_the_file_and_from_0_here(small):
    split = vowels.load_vowels()
    assert (split.training.labels.tolist(), split.held_out.labels.tolist()) == ([0, 1] * 8, [10, 0, 2])
    assert split.held_out.samples[0].tolist() == pytest.approx([11 + k / 10 for k in range(10)])
    assert split.held_out.label_names[10] == "heard"


def test_a_fold_holds_two_speakers_out_and_never_opens_the_official_part(small, put):
    put(vowels.TEST, b"not to be read")
    for fold in range(4):
        split = vowels.load_vowels(fold=fold)
        assert (len(split.training), len(split.held_out)) == (12, 4)


@pytest.mark.parametrize("fold", [-1, 4])
def test_there_are_four_folds(small, fold):
    with pytest.raises(DataError, match=rf"fold must be 0 … 3, two speakers each; got {fold}"):
        vowels.load_vowels(fold=fold)


def test_the_published_files(data_folder):
    split = vowels.load_vowels()
    assert (np.bincount(split.training.labels) == 48).all()
    assert (np.bincount(split.held_out.labels) == 42).all()
    assert (split.training.event_shape, len(split.training.label_names)) == ((10,), 11)
    # 1-NN reaches the 56 % of the published table on these very parts.
    gaps = ((split.held_out.samples[:, None] - split.training.samples) ** 2).sum(axis=-1)
    right = (split.training.labels[gaps.argmin(axis=1)] == split.held_out.labels).mean()
    assert right == pytest.approx(0.56, abs=0.005)


def test_folds_of_the_published_file_are_speakers(data_folder):
    whole = vowels.load_vowels().training.samples
    folds = [vowels.load_vowels(fold=fold).held_out for fold in range(4)]
    assert [len(fold) for fold in folds] == [132] * 4  # 2 speakers, 11 vowels, 6 frames
    assert (np.concatenate([fold.samples for fold in folds]) == whole).all()
    assert all((np.bincount(fold.labels) == 12).all() for fold in folds)
