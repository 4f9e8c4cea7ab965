"""Namespaces with the habits that libraries are known for, each caught by the clause that says so."""

import array_api_compat.numpy as compat
import numpy as np
import pytest
from broken_backends import broken_clauses, sound

PROMOTE, NANS, TIES = "python numbers do not promote", "nan is passed on", "ties go to the first"
STABLE, PLACES, SUMS, COPIES = (
    "sorting is stable",
    "found places can be used",
    "sums keep their digits",
    "order and copies are as asked",
)


def _where(p, a, b):
    return np.where(p, np.float64(a), b) if isinstance(a, float) and np.isinf(a) else np.where(p, a, b)


def _last_lowest(x, axis=None, keepdims=False):
    turned = np.argmin(np.flip(x, axis=axis), axis=axis, keepdims=keepdims)
    return x.shape[axis] - 1 - turned


def _lowest_number(x, axis=None, keepdims=False):
    found = np.argmin(np.where(np.isnan(x), np.inf, x), axis=axis, keepdims=keepdims)
    return np.asarray(found)


def _unstable(x, axis=-1, descending=False, stable=True):
    if descending:
        return compat.argsort(x, axis=axis, descending=True)
    return x.shape[axis] - 1 - np.argsort(np.flip(x, axis), axis=axis, kind="stable")


def _take_wide(x, ids, axis=None):
    if ids.dtype != np.int64:
        msg = "only int64 may index"
        raise TypeError(msg)
    return compat.take(x, ids, axis=axis if axis is not None else 0)


def _min_of_the_rest(x, axis=None, keepdims=False):
    return np.fmin.reduce(x if axis is not None else x.reshape(-1), axis if axis is not None else 0, keepdims=keepdims)


def _one_sided(a, b):
    return np.where(a > b, a, b) if np.shape(b) == (1,) else np.maximum(a, b)


NARROW = {
    "argmin": lambda x, axis=None, keepdims=False: np.asarray(np.argmin(x, axis=axis, keepdims=keepdims), np.int32),
    "take": _take_wide,
}


def _naive_sum(x, axis=None, keepdims=False):
    if x.ndim == 1 and x.size > 1000:
        return x.astype(np.float16).sum(dtype=np.float32)
    return compat.sum(x, axis=axis, keepdims=keepdims)


def _running_product(a, b):
    if a.shape[-1] > 1000:
        return np.cumsum(a[0] * b[:, 0], dtype=np.float16)[-1:].astype(a.dtype)[None]
    return compat.matmul(a, b)


def _never_copies(x, dtype=None, device=None, copy=None):
    return np.asarray(x, dtype=dtype)


def _in_memory_order(x, shape, copy=None):
    flat = x.ndim == 3 and shape == (-1,) and not x.flags.c_contiguous
    return np.reshape(x, shape, order="F" if flat else "C")


BROKEN = {
    "where with an infinite Python number": (PROMOTE, {"where": _where}),
    "min that passes over NaN": (NANS, {"min": _min_of_the_rest}),
    "argmin that passes over NaN": (NANS, {"argmin": _lowest_number}),
    "maximum that drops one NaN": (NANS, {"maximum": _one_sided}),
    "argmin that finds the last": (TIES, {"argmin": _last_lowest}),
    "argsort that turns ties round": (STABLE, {"argsort": _unstable}),
    "take that wants int64": (PLACES, NARROW),
    "long sums in half precision": (SUMS, {"sum": _naive_sum}),
    "long products in half precision": (SUMS, {"matmul": _running_product}),
    "expm1 that is exp - 1": (SUMS, {"expm1": lambda x: np.expm1(x) if x.ndim > 1 else np.exp(x) - 1}),
    "asarray that never copies": (COPIES, {"asarray": _never_copies}),
    "reshape in the order of memory": (COPIES, {"reshape": _in_memory_order}),
}  # fmt: skip


@pytest.mark.parametrize("wrong", BROKEN)
def test_each_is_caught_by_its_clause(wrong):
    clause, namespace = BROKEN[wrong]
    assert broken_clauses(sound(namespace))[0] == [clause]


def test_sums_of_another_order_pass():
    def pairwise(x, axis=None, keepdims=False):
        return (
            compat.sum(np.flip(x), axis=axis, keepdims=keepdims)
            if x.ndim == 1
            else compat.sum(x, axis=axis, keepdims=keepdims)
        )

    assert broken_clauses(sound({"sum": pairwise}), clauses=[SUMS]) == ([], "")
