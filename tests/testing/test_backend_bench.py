"""Comparisons that must fail do, with both sides in the message."""

import numpy as np
import pytest
from broken_backends import sound

from xpnet.testing.backend_bench import Bench, clause


@pytest.fixture
def bench():
    return Bench(sound())


def test_what_is_right_leaves_no_problem(bench):
    x = np.asarray([1.0, np.nan, -np.inf, -0.0])
    assert bench.bits("x", x, x.copy())
    assert bench.close("x", x, x + 1e-9)
    assert bench.near("x", x, x.astype(np.float32))
    assert bench.placed("x", np.ones((2,), np.float32), np.float32, (2,))
    assert bench.refuses("x", LookupError, lambda: {}["key"])
    assert bench.same("x", 1, 1)
    assert (bench.problems, bench.comparisons > 6) == ([], True)


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        ([1.0], [1.0 + 1e-15]),
        ([0.0], [-0.0]),
        ([np.nan], [0.0]),
        ([np.inf], [-np.inf]),
        ([1.0], [[1.0]]),
        ([1.0, 2.0], [1.0]),
        ([1], [2]),
        ([True], [False]),
    ],
)
def test_bits_differ(bench, expected, got):
    assert not bench.bits("a number", np.asarray(expected), np.asarray(got))
    assert bench.problems[0].startswith(("a number: expected [", "shape of a number: expected ("))


@pytest.mark.parametrize("got", [[1.0, 2.1], [1.0, np.nan], [1.0, np.inf], [1.0], [[1.0, 2.0]]])
def test_numbers_are_not_close(bench, got):
    assert not bench.close("a number", np.asarray([1.0, 2.0]), np.asarray(got))


def test_infinities_and_nan_have_their_places(bench):
    expected = np.asarray([1.0, np.inf, np.nan])
    for got in ([1.0, 2.0, np.nan], [1.0, np.inf, 2.0], [1.0, -np.inf, np.nan], [np.nan, np.inf, 1.0]):
        assert not bench.close("x", expected, np.asarray(got))
    assert bench.worst == 0.0


def test_the_worst_error_is_kept(bench):
    bench.close("x", np.asarray([2.0]), np.asarray([2.0 + 1e-7]))
    bench.close("x", np.asarray([2.0]), np.asarray([2.5]))
    bench.close("x", np.asarray([2.0]), np.asarray([2.0]))
    assert bench.worst == pytest.approx(0.25)
    assert bench.problems == ["x: expected [2]; got [2.5], off by 0.25 (tolerance 2e-06)"]


def test_integers_and_truths_must_be_equal(bench):
    assert bench.near("ids", np.asarray([1, 2]), np.asarray([1, 2], np.int32))
    assert not bench.near("ids", np.asarray([1, 2]), np.asarray([1, 3], np.int32))
    assert not bench.near("truths", np.asarray([True]), np.asarray([False]))


def test_places_are_compared(bench):
    assert not bench.placed("x", np.ones((2,)), np.float32)
    assert not bench.placed("x", np.ones((2,), np.float32), np.float32, (1, 2))
    assert bench.problems[0] == "dtype of x: expected <class 'numpy.float32'>; got float64"


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: 3, "no error but 3"),
        (lambda: int("x"), "ValueError: invalid literal"),
        (lambda: next(iter(())), "StopIteration"),
    ],
)
def test_what_is_not_refused(bench, call, told):
    assert not bench.refuses("a call", LookupError, call)
    assert told in bench.problems[0]


def test_an_error_without_a_word_is_none(bench):
    def fails():
        raise LookupError

    assert not bench.refuses("a call", LookupError, fails)
    assert bench.problems == ["a call: expected a LookupError with a sentence; got one without a word"]


def test_a_message_is_one_line(bench):
    bench.holds("x", False, "a\n  b", np.eye(2))
    assert "\n" not in bench.problems[0]


def test_a_function_becomes_a_clause():
    @clause("Do better.")
    def all_is_well(bench):
        """Always."""

    assert (all_is_well.name, all_is_well.remedy) == ("all is well", "Do better.")
