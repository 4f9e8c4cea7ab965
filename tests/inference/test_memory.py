"""Bytes in and out of words, and how many labels they make."""

import numpy as np
import pytest

import xpnet as xn
from xpnet.errors import RecipeError
from xpnet.inference.memory import bytes_of, numbers_in, tile_size, words_of


@pytest.mark.parametrize(
    ("memory", "count"),
    [
        (1, 1),
        (4096, 4096),
        ("7B", 7),
        ("2 kB", 2000),
        ("1.5 MB", 1_500_000),
        ("3 GB", 3 * 10**9),
        ("1 KiB", 1024),
        (" 512 MiB ", 2**29),
        ("1.5 GiB", 3 * 2**29),
        ("2. KiB", 2048),
    ],
)
def test_bytes_from_numbers_and_texts(memory, count):
    assert bytes_of(memory) == count


@pytest.mark.parametrize(
    "memory", [0, -1, True, 1.5, None, "", "MiB", "1 mib", "1 TiB", "-1 MiB", "1 MiB extra", "1e3 B"]
)
def test_anything_else_is_refused_with_the_units(memory):
    with pytest.raises(
        RecipeError, match=r'memory is a number of bytes above 0, or a text such as "512 MiB"; got .*units: B, kB'
    ):
        bytes_of(memory)


def test_a_trainer_reads_its_memory_at_once():
    assert xn.Trainer(xn.Linear(2, 2), xn.Euclidean(), memory="2 KiB").memory == 2048
    with pytest.raises(RecipeError, match="got 'much'"):
        xn.SimpleTrainer(xn.Linear(2, 2), xn.Euclidean(), memory="much")


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "1 B"), (1000, "1000 B"), (1023, "1023 B"), (1024, "1 KiB"), (2**20 - 1, "1024 KiB"), (3 * 2**29, "1.5 GiB")],
)
def test_bytes_for_people(count, words):
    assert words_of(count) == words


def test_words_are_read_back():
    assert all(bytes_of(words_of(n * 2**20)) == n * 2**20 for n in (1, 10, 512, 1024))


@pytest.mark.parametrize(
    ("memory", "per_label", "labels", "size"),
    [(1000, 300, 10, 3), (1000, 1001, 10, 1), (1000, 1, 10, 10), (1000, 0, 10, 10), (999, 100, 10, 9), (1, 1, 1, 1)],
)
def test_as_many_labels_as_fit_but_one_at_least(memory, per_label, labels, size):
    assert tile_size(memory, per_label, labels) == size


def test_numbers_in_a_wire_and_in_the_machine_that_drove_it(numpy64):
    net, out = xn.Cascade(xn.Linear(3, 4), xn.Cascade(xn.Tanh(), xn.Linear(4, 2))), xn.State()
    net.fprop(xn.State(np.ones((5, 3))), out)
    # Its own output twice (as `out` and as an inner wire, which has an inside), and all inner wires of both cascades.
    assert numbers_in(out) == 10 + (15 + 20 + 10) + (20 + 20 + 10)
    assert numbers_in(xn.State()) == 0
    assert numbers_in(xn.State(np.ones((2, 2)))) == 4
