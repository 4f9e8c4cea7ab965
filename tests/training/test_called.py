"""Arguments by name, as a call would take them."""

from inspect import signature

import pytest

from xpnet.training.called import Called


def learn(sample, label, label_set=None, update_args=None, *, mask=None, **named_args):
    """As a trainer's."""


def run(sample, label_set=None, *, top=None):
    """As a trainer's."""


def only(sample, /, *, top):
    """With a place that has no name, and a name that has no place."""


GOOD = [
    (learn, (1, 2), {}),
    (learn, (1, 2, 3), {"mask": 4, "learning_rate": 0.1, "inertia": 0.5}),
    (learn, (1,), {"label": 2, "update_args": None}),
    (learn, (), {"label": 2, "sample": 1}),
    (learn, (), {"learning_rate": 0.1, "label_set": 3, "label": 2, "inertia": 0.5, "sample": 1}),
    (run, (1, 2), {"top": 3}),
    (run, (1,), {"label_set": 2}),
    (only, (1,), {"top": 2}),
]
BAD = [
    (learn, (1,), {}),  # without a label
    (learn, (1, 2, 3, 4, 5), {}),  # more than there are places for
    (learn, (1, 2), {"sample": 3}),  # twice
    (learn, (), {"learning_rate": 0.1}),
    (run, (1,), {"toop": 2}),  # unknown
    (run, (1, 2, 3), {}),  # top has no place
    (only, (), {"sample": 1, "top": 2}),  # sample has no name
    (only, (1,), {}),
]


def _in_order(function, given):
    known = [name for name in signature(function).parameters if name in given]
    return [(name, given[name]) for name in [*known, *sorted(given.keys() - {*known})]]


@pytest.mark.parametrize(("function", "args", "named"), GOOD)
def test_arguments_are_those_of_the_call(function, args, named):
    wanted = dict(signature(function).bind(*args, **named).arguments)
    wanted |= wanted.pop("named_args", {})
    before = dict(named)
    found = Called(function).by_name(args, named)
    assert list(found.items()) == [*_in_order(function, wanted)]
    found["more"] = 1
    assert named == before


@pytest.mark.parametrize(("function", "args", "named"), BAD)
def test_what_the_call_would_refuse_is_refused_in_its_words(function, args, named):
    with pytest.raises(TypeError) as wanted:
        signature(function).bind(*args, **named)
    with pytest.raises(TypeError) as found:
        Called(function).by_name(args, named)
    assert str(found.value) == str(wanted.value)
