import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpnet.data.split import stratified_split
from xpnet.errors import DataError


@given(st.lists(st.integers(2, 30), min_size=1, max_size=6), st.floats(0.2, 0.6), st.integers(0, 9))
def test_every_label_is_split_in_proportion_and_nothing_is_lost(counts, held_out, seed):
    labels = np.repeat(np.arange(len(counts)), counts)
    if not 0 < round(held_out * len(labels)) < len(labels):
        return
    training, held = stratified_split(labels, held_out, seed)
    assert sorted([*training, *held]) == list(range(len(labels)))
    assert len(held) == round(held_out * len(labels))
    ideal = np.array(counts) * len(held) / len(labels)
    assert (abs(np.bincount(labels[held], minlength=len(counts)) - ideal) < 1).all()


def test_the_split_is_a_function_of_its_seed():
    labels = np.arange(100) % 4
    first, again, other = (stratified_split(labels, 0.25, seed)[1].tolist() for seed in (0, 0, 1))
    assert first == again != other


def test_what_cannot_be_split_is_refused():
    with pytest.raises(DataError, match="label 1 has a single sample; a stratified split needs at least 2"):
        stratified_split(np.array([0, 0, 1]), 0.5, 0)
    with pytest.raises(DataError, match=r"held_out = 0\.1 of 4 samples leaves one part empty"):
        stratified_split(np.array([0, 0, 1, 1]), 0.1, 0)
