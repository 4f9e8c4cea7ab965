"""Tables of primitives that are incomplete or wrong, each caught by the clause that says so."""

import array_api_compat.numpy as compat
import numpy as np
import pytest
from broken_backends import Sound, broken_clauses, sound

from xpnet.backend import OpsTable
from xpnet.ops import REFERENCE, nondeterministic
from xpnet.testing import backend_primitives
from xpnet.testing.ops_cases import SHAPES

TABLE, OVERRIDES, REFERENCES = (
    "the table of primitives is complete",
    "overrides equal their references",
    "references equal float64",
)


def _into_its_argument(a, b):
    return np.maximum(a, b, out=a if a.shape == (3, 6) else None)


def _rough_tanh(x):
    return compat.tanh(x) * np.asarray(1 + 1e-4 if x.shape == (3, 6) else 1.0, x.dtype)


def _turned(dy, y):
    return dy * (y * y - 1)


class NoTable(Sound):
    def __init__(self, **how):
        super().__init__(**how)
        del self.ops


class HalfATable(Sound):
    def __init__(self, **how):
        super().__init__(**how)
        ops = {name: op for name, op in vars(self.ops).items() if name in REFERENCE and name != "softmax"}
        self.ops = OpsTable(ops)


class Strays(Sound):
    def __init__(self, **how):
        super().__init__(**how)
        self.ops.accelerated = frozenset({"softmaxx"})


class Determined(Sound):
    """It was asked for the same bits every time, and keeps an override that does not give them."""

    overrides = {"relu": nondeterministic(lambda x: np.maximum(x, 0))}  # noqa: RUF012

    def __init__(self, **how):
        super().__init__(**how)
        self.deterministic = True


def _flushes(x):
    return np.where(np.isfinite(x) & (x < -30), np.asarray(1.0, x.dtype), np.exp(x))


BROKEN = {
    "no table": (TABLE, NoTable),
    "a table without softmax": (TABLE, HalfATable),
    "an override of nothing": (TABLE, Strays),
    "chance, where none is wanted": (TABLE, Determined),
    "an override with the wrong sign": (OVERRIDES, lambda: sound(overrides={"tanh_vjp": _turned})),
    "an override that fails": (OVERRIDES, lambda: sound(overrides={"relu": lambda x: x.nothing})),
    "an exponential that is wrong far out": (REFERENCES, lambda: sound({"exp": _flushes})),
    "a maximum that changes its argument": (REFERENCES, lambda: sound({"maximum": _into_its_argument})),
}  # fmt: skip


@pytest.mark.parametrize("wrong", BROKEN)
def test_each_is_caught_by_its_clause(wrong):
    clause, make = BROKEN[wrong]
    assert broken_clauses(make())[0] == [clause]


def test_every_primitive_with_cases_is_tried_in_some():
    for name in SHAPES:
        quick = backend_primitives._quick(name)
        assert any(case.name.endswith("few rows") for case in quick), name
        assert len(quick) <= backend_primitives.SHAPES_TRIED * len(backend_primitives.QUICK)


def test_an_inexact_reference_is_told_with_its_case():
    found, message = broken_clauses(
        sound(
            {"tanh": lambda x: compat.tanh(x) * np.asarray(1 + 1e-4, x.dtype) if x.shape == (3, 6) else compat.tanh(x)}
        )
    )
    assert found == [REFERENCES]
    assert "error of the reference of 'tanh', case 'width 6, few rows': expected at most 5.0e-05" in message
