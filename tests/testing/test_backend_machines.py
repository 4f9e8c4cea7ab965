"""Backends on which machines do not learn as they should, each caught by the clause that says so."""

import array_api_compat.numpy as compat
import numpy as np
import pytest
from broken_backends import Sound, broken_clauses, sound, strict

from xpnet.ops import REFERENCE
from xpnet.testing.backend_machines import layouts

MODULES, LEARN, TRAVEL = (
    "modules keep their contract",
    "machines learn as in float64",
    "parameters travel unchanged",
)


def _wrong_for_vectors(a, b):
    return compat.matmul(a, b) * np.asarray(1.01 if a.shape == (4,) else 1.0, a.dtype)


def _one_rate(x, dx, deltas, learning_rate, weight_decay, inertia):
    """As the cases have it, whatever is asked for."""
    return REFERENCE["sgd"](compat, x, dx, deltas, 0.1, weight_decay, inertia)


class Rounds(Sound):
    """Parameters of one shape lose digits whenever they come in: the first values too, so that learning seems right."""

    def asarray(self, x, dtype=None):
        array = super().asarray(x, dtype)
        if array.shape == (6, 4) and array.dtype == np.float32:
            return array.astype(np.float16).astype(np.float32)
        return array


BROKEN = {
    "products that are wrong for one vector": (MODULES, lambda: sound({"matmul": _wrong_for_vectors})),
    "one learning rate for all": (LEARN, lambda: sound(overrides={"sgd": _one_rate})),
    "digits lost on the way in": (TRAVEL, Rounds),
}


@pytest.mark.parametrize("wrong", BROKEN)
def test_each_is_caught_by_its_clause(wrong):
    clause, make = BROKEN[wrong]
    assert broken_clauses(make())[0] == [clause]


def test_both_layouts_are_tried_where_there_are_views():
    assert layouts(strict()) == ("view", "leaf")
    assert layouts(sound({"reshape": lambda x, shape, copy=None: np.array(np.reshape(x, shape))})) == ("leaf",)
