import numpy as np
import pytest

from xpnet.data import splice
from xpnet.errors import DataError


@pytest.fixture
def small(put, monkeypatch):
    def write(*rows):
        text = "".join(f"{name},   INSTANCE-{k},  {sequence}\n" for k, (name, sequence) in enumerate(rows))
        monkeypatch.setattr(splice, "FILE", put(splice.FILE, text.encode()))
        return splice.load_splice

    return write


def test_letters_become_weights(small):
    data = small(("EI", "ACGT" * 15), ("N", "N" * 60))()
    assert data.event_shape == (60, 4)
    assert (data.samples[0] == np.tile(np.eye(4), (15, 1))).all()
    assert (data.samples[1] == 0.25).all()
    assert [data.label_names[k] for k in data.labels] == ["EI", "N"]


@pytest.mark.parametrize(("letter", "weights"), [("D", [1, 0, 1, 1]), ("S", [0, 1, 1, 0]), ("R", [1, 0, 1, 0])])
def test_ambiguous_letters_share_their_weight(letter, weights):
    first = splice.encode(letter + "A" * 59)[0]
    np.testing.assert_allclose(first, np.array(weights) / sum(weights), rtol=1e-6)


def test_a_flat_sequence_is_a_vector(small):
    load = small(("EI", "ACGT" * 15), ("IE", "TGCA" * 15))
    assert load(flat=True).event_shape == (240,)
    assert (load(flat=True).samples.reshape(2, 60, 4) == load().samples).all()


def test_a_repeated_sequence_is_kept_once_with_its_first_class(small):
    data = small(("IE", "A" * 60), ("N", "C" * 60), ("EI", "A" * 60))()
    assert sorted(zip(data.samples[:, 0].argmax(axis=1).tolist(), data.labels.tolist(), strict=True)) == [
        (0, 1),
        (1, 2),
    ]


@pytest.mark.parametrize("sequence", ["A" * 59, "A" * 61, "X" + "A" * 59, "a" * 60])
def test_what_is_no_sequence_is_refused(small, sequence):
    with pytest.raises(DataError, match=r"a sequence has 60 of the letters A C G T D N S R; got \d+, unknown: "):
        small(("N", sequence))()


def test_the_published_file(data_folder):
    rows = splice.FILE.read().decode().splitlines()
    names = [row.split(",")[0].strip() for row in rows]
    assert (len(rows), [names.count(name) for name in splice.NAMES]) == (3190, [767, 768, 1655])
    data = splice.load_splice()
    assert len(data) == 3190 - 185
    assert (data.samples.sum(axis=-1) == 1).all()
