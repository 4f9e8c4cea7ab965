"""Backends that say of themselves what is not so, each caught by the clause that says so."""

import threading
import time

import array_api_compat.numpy as compat
import numpy as np
import pytest
from broken_backends import Sound, broken_clauses, sound

from xpnet.backend import Capabilities
from xpnet.errors import BackendError

SEEN, DISTINCT, FACTS = "capabilities are what is seen", "distinct ids are all there", "facts are of the right kind"
SYNCHRONOUS, FLOAT64 = "synchronous is what is seen", "float64 is real or refused"


class ClaimsViews(Sound):
    """Its reshape copies, and its capabilities are set by hand."""

    changes = {"reshape": lambda x, shape, copy=None: np.array(np.reshape(x, shape))}  # noqa: RUF012

    def __init__(self, **how):
        super().__init__(**how)
        self.capabilities = Capabilities(views=True, inplace=True, float64=True)


class ClaimsWrites(Sound):
    """Its arrays are read-only, and its capabilities are set by hand."""

    def __init__(self, **how):
        super().__init__(**how)
        self.capabilities = Capabilities(views=False, inplace=True, float64=True)

    def zeros(self, shape):
        array = super().zeros(shape)
        array.flags.writeable = False
        return array


class Beside(Sound):
    """Its matrix products are computed beside the host, without using its processors."""

    done = 0.0

    def __init__(self, **how):
        self.changes = {"matmul": self._matmul}
        super().__init__(**how)

    def _matmul(self, a, b):
        if a.size < 100_000:
            return compat.matmul(a, b)
        type(self).done = time.perf_counter() + 0.1
        return a

    def to_numpy(self, x):
        threading.Event().wait(max(0.0, self.done - time.perf_counter()))
        return np.asarray(x)


class Late(Beside):
    """The same, and it says so."""

    synchronous = False


class Pretends64(Sound):
    """Its float64 is float32 stretched."""

    def asarray(self, x, dtype=None):
        dtype = self.dtype if dtype is None else dtype
        return np.asarray(np.asarray(x, np.float32) if dtype == np.float64 else x, dtype=dtype)


class Refuses64(Sound):
    """It claims float64 and does not give it."""

    def with_dtype(self, dtype):
        if dtype == "float64":
            msg = "no"
            raise BackendError(msg)
        return super().with_dtype(dtype)


class LosesTheDtype(Sound):
    """Whatever is asked for, it stays as it is."""

    def with_dtype(self, dtype):
        return self


BROKEN = {
    "views that are copies": (SEEN, ClaimsViews),
    "writes that are refused": (SEEN, ClaimsWrites),
    "distinct that loses one": (DISTINCT, lambda: sound(distinct=lambda self, ids: np.unique(ids)[1:])),
    "distinct that adds one": (DISTINCT, lambda: sound(distinct=lambda self, ids: np.append(np.unique(ids), 9))),
    "distinct of 32 bits": (DISTINCT, lambda: sound(distinct=lambda self, ids: np.unique(ids).astype(np.int32))),
    "unknown facts of memory": (FACTS, lambda: sound(memory_stats=lambda self: {"bytes": 1})),
    "memory in megabytes": (FACTS, lambda: sound(memory_stats=lambda self: {"used": 2})),
    "memory in fractions": (FACTS, lambda: sound(memory_stats=lambda self: {"free": 0.5})),
    "more used than held": (FACTS, lambda: sound(memory_stats=lambda self: {"used": 1 << 30, "held": 1 << 20})),
    "one remark instead of a list": (FACTS, lambda: sound(remarks=lambda self: "fine")),
    "products beside the host": (SYNCHRONOUS, Beside),
    "float64 that is float32": (FLOAT64, Pretends64),
    "float64 claimed and refused": (FLOAT64, Refuses64),
    "with_dtype that does nothing": (FLOAT64, LosesTheDtype),
}


@pytest.mark.parametrize("wrong", BROKEN)
def test_each_is_caught_by_its_clause(wrong):
    clause, make = BROKEN[wrong]
    assert broken_clauses(make())[0] == [clause]


def test_a_device_beside_the_host_that_says_so_is_right():
    assert broken_clauses(Late(), clauses=[SYNCHRONOUS]) == ([], "")


def test_no_claims_no_complaints():
    modest = sound()
    modest.capabilities = Capabilities(views=False, inplace=False, float64=True)
    assert broken_clauses(modest, clauses=[SEEN]) == ([], "")
