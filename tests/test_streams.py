"""Random numbers that are a function of their key alone."""

import numpy as np

from xpnet.streams import stream


def draw(*key):
    return stream(*key).normal(size=4).tolist()


def test_equal_keys_give_equal_numbers_whatever_was_drawn_before():
    first = draw(3, "weights", "a")
    draw(3, "shuffle", 0)
    assert draw(3, "weights", "a") == first


def test_every_part_of_the_key_counts():
    keys = [(0, "a"), (1, "a"), (0, "b"), (0, "a", 1), (0, "a", 2), (0, "a", "1", "2"), (0, "a", "12"), (0, "", "a")]
    assert len({tuple(draw(*key)) for key in keys}) == len(keys)


def test_the_numbers_are_these_on_every_machine():
    """Philox and the key are fixed by published algorithms; a change here breaks every recorded run."""
    assert stream(0, "weights", "0.weight").integers(0, 1000, size=4).tolist() == PINNED


def test_streams_are_not_correlated():
    a, b = (stream(0, "noise", k).normal(size=20_000) for k in (0, 1))
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.03


PINNED = [929, 544, 933, 537]
