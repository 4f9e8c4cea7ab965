"""Namespaces that lack something or compute something else, each caught by the clause that says so."""

from types import SimpleNamespace

import array_api_compat.numpy as compat
import array_api_strict as xp
import numpy as np
import pytest
from broken_backends import Sound, broken_clauses, sound, strict

from xpnet.testing.backend_bench import Bench
from xpnet.testing.backend_namespace import the_namespace_is_complete

THERE, VALUES, OPERATORS = (
    "the namespace is complete",
    "functions have their values",
    "operators have their values",
)


class Odd(np.ndarray):
    """An array whose negation forgets to negate."""

    def __neg__(self):
        return self * 1


class Remainder(np.ndarray):
    """An array whose remainder has the sign of C."""

    def __mod__(self, other):
        return np.fmod(self - 4, other) + np.zeros_like(self)


class Wrapped(Sound):
    """Its arrays are of a class of their own."""

    kind = np.ndarray

    def asarray(self, x, dtype=None):
        return super().asarray(x, dtype).view(self.kind)

    def indices(self, x):
        return super().indices(x).view(self.kind)

    def zeros(self, shape):
        return super().zeros(shape).view(self.kind)

    def ones(self, shape):
        return super().ones(shape).view(self.kind)

    def to_numpy(self, x):
        return np.asarray(x)


def _without(name):
    backend = sound()
    delattr(backend.xp, name)
    return backend


def _elsewhere(*shape, **options):
    return xp.full(*shape, dtype=options["dtype"])


def _on_device1(name, function):
    backend = strict()
    names = {key: getattr(xp, key) for key in dir(xp) if not key.startswith("_")}
    backend.xp = type("Names", (), {key: staticmethod(value) for key, value in names.items()})()
    setattr(backend.xp, name, function)
    return backend


def _half_sum(x, axis=None, keepdims=False):
    return compat.sum(x.astype(np.float16), axis=axis, keepdims=keepdims).astype(x.dtype)


def _open_linspace(start, stop, num, dtype=None, device=None):
    return np.linspace(start, stop, num, endpoint=False, dtype=dtype)


WRONG = {
    "matmul": lambda a, b: -compat.matmul(a, b),
    "sum": _half_sum,
    "mean": lambda x, axis=None, keepdims=False: compat.sum(x, axis=axis, keepdims=keepdims),
    "vecdot": lambda a, b: compat.sum(a * a, axis=-1) + 0 * compat.sum(a * b, axis=-1),
    "exp": lambda x: np.nan_to_num(np.exp(x)),
    "log1p": lambda x: np.log(1 + x),
    "expm1": lambda x: np.exp(x) - 1,
    "where": lambda p, a, b: np.where(p, np.asarray(a, np.float64), b),
    "clip": lambda x, min=None, max=None: np.clip(x, min, max) if max is None else np.clip(x, min, None),
    "argmin": lambda x, axis=None, keepdims=False: np.argmin(x, axis=axis),
    "argsort": lambda x, axis=-1, descending=False, stable=True: np.argsort(x, axis=axis),
    "searchsorted": lambda x, v, side="left": np.searchsorted(x, v),
    "take": lambda x, ids, axis=0: np.take(x, ids, axis=0 if x.ndim == 3 else axis),
    "take_along_axis": lambda x, ids, axis=-1: np.take_along_axis(x, np.zeros_like(ids), axis),
    "reshape": lambda x, shape: np.reshape(x, shape, order="A"),
    "matrix_transpose": lambda x: x.T,
    "broadcast_to": lambda x, shape: np.zeros(shape, x.dtype) + x.reshape(-1)[:1],
    "squeeze": lambda x, axis: np.squeeze(x),
    "stack": lambda arrays, axis=0: np.stack(arrays, axis=0),
    "concat": lambda arrays, axis=0: np.concatenate(arrays, axis=0 if arrays[0].ndim == 2 else 1),
    "eye": lambda n, m=None, k=0, dtype=None, device=None: np.eye(n, m, dtype=dtype),
    "zeros_like": lambda x, dtype=None: np.zeros_like(x),
    "full_like": lambda x, value: np.full(x.shape, value),
    "linspace": _open_linspace,
    "isdtype": lambda dtype, kind: kind == "integral",
    "finfo": lambda dtype: np.finfo(np.float16),
    "astype": lambda x, dtype, copy=True: np.rint(x).astype(dtype),
    "any": lambda x, axis=None: np.any(x, axis=axis) if x.size else np.asarray(True),
    "cumulative_sum": lambda x, axis=None: np.cumsum(x[..., ::-1], axis=axis)[..., ::-1],
    "maximum": lambda a, b: np.fmax(a, b),
    "isinf": np.isposinf,
    "count_nonzero": lambda x, axis=None: np.any(x, axis=axis),
}  # fmt: skip
BROKEN = {
    "no take_along_axis": (THERE, lambda: _without("take_along_axis")),
    "no isdtype": (THERE, lambda: _without("isdtype")),
    "full on the default device": (VALUES, lambda: _on_device1("full", _elsewhere)),
    "negation": (OPERATORS, lambda: type("Negates", (Wrapped,), {"kind": Odd})()),
    "remainders": (OPERATORS, lambda: type("Divides", (Wrapped,), {"kind": Remainder})()),
}


@pytest.mark.parametrize("wrong", BROKEN)
def test_each_is_caught_by_its_clause(wrong):
    clause, make = BROKEN[wrong]
    assert broken_clauses(make())[0] == [clause]


def test_arrays_must_tell_their_namespace():
    class Silent(Sound):
        def ones(self, shape):
            return SimpleNamespace(dtype=self.dtype, shape=shape, device="cpu")

    bench = Bench(Silent())
    with pytest.raises(TypeError, match="not a supported array type"):
        the_namespace_is_complete.check(bench)


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_function_is_caught_and_named(name):
    found, message = broken_clauses(sound({name: WRONG[name]}))
    assert found == [VALUES]
    assert f"xp.{name}, probe" in message


def test_a_function_that_fails_is_told_with_its_error():
    def fails(x):
        msg = "not on this library"
        raise NotImplementedError(msg)

    found, message = broken_clauses(sound({"sqrt": fails}))
    assert found == [VALUES]
    assert "xp.sqrt, probe 0: expected an array; got NotImplementedError: not on this library" in message
