"""Clauses of a backend: its namespace has all that xpnet takes from it, with the values of NumPy in float64."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device

from xpnet._typing import Array
from xpnet.backend import get_backend
from xpnet.testing.backend_bench import Bench, clause
from xpnet.testing.backend_names import NAMES
from xpnet.testing.backend_probes import FACTS, OPERATORS, PROBES, Given, given
from xpnet.testing.oracle import discrete

IN_PRODUCTS = ("matmul", "vecdot")


@clause(
    "Take array_api_compat's namespace of the library, or add what the standard 2024.12 has and it lacks; arrays need "
    "`__array_namespace__`."
)
def the_namespace_is_complete(bench: Bench) -> None:
    """Every name of the Array API standard that xpnet uses is there, and arrays tell their namespace."""
    for name in NAMES:
        bench.holds(f"xp.{name}", hasattr(bench.xp, name), "a part of the namespace", "nothing of that name")
    array = bench.backend.ones((2,))
    own = array_namespace(array)  # primitives that are handed arrays alone ask them
    for name in ("sum", "reshape", "log", "expm1"):
        bench.holds(f"{name} of an array's own namespace", hasattr(own, name), "a function", "nothing")
    if not bench.backend.one_place:
        bench.same("the device that array_api_compat tells", bench.backend.device, device(array))


@clause("Replace this function in the namespace you hand to Backend.__init__ by one that does what the standard says.")
def functions_have_their_values(bench: Bench) -> None:
    """Every function that xpnet uses gives the values, shape, dtype and device that the standard says."""
    ours, exact = given(bench.backend), given(get_backend("numpy", dtype="float64"))
    for name, probes in PROBES.items():
        for k, probe in enumerate(probes):
            _compare(bench, f"xp.{name}, probe {k}", probe, ours, exact, name in IN_PRODUCTS)
    for name, facts in FACTS.items():
        for k, fact in enumerate(facts):
            wanted = float(np.finfo(bench.backend.dtype_name).eps) if name == "finfo" else fact(exact.backend.xp, exact)
            _try(bench, f"xp.{name}, probe {k}", partial(fact, bench.xp, ours), wanted)


@clause(
    "Give the array class the standard's operators and indexing: Python numbers on either side, slices, `...`, None."
)
def operators_have_their_values(bench: Bench) -> None:
    """Arithmetic, comparisons, logic and indexing by slices work on arrays and Python numbers."""
    ours, exact = given(bench.backend), given(get_backend("numpy", dtype="float64"))
    for what, probe in OPERATORS.items():
        _compare(bench, what, probe, ours, exact, products=False)
    _try(bench, "float(a)", lambda: float(ours.ids[0]), 2.0)
    _try(bench, "int(a)", lambda: int(ours.ids[0]), 2)
    _try(bench, "bool(a)", lambda: bool(ours.ids[1]), False)
    _try(bench, "a.ndim", lambda: ours.b.ndim, 3)
    _try(bench, "a.shape", lambda: tuple(ours.b.shape), (2, 4, 3))


def _compare(bench: Bench, what: str, probe: Callable[..., Any], ours: Given, exact: Given, products: bool) -> None:
    wanted = np.asarray(probe(exact.backend.xp, exact))
    try:
        got = probe(bench.xp, ours)
    except Exception as error:  # whatever a library raises for what it lacks
        bench.holds(what, False, "an array", f"{type(error).__name__}: {error}")
        return
    if _is_of(bench, what, wanted, got):
        bench.near(what, wanted, got, bench.products if products else None)


def _is_of(bench: Bench, what: str, wanted: Any, got: Array) -> bool:
    """Whether the result is an array of the right kind: the backend's own reals, truths, or integers of any width."""
    if not hasattr(got, "dtype"):
        return bench.holds(what, False, "an array", type(got).__name__)
    backend = bench.backend
    if discrete(wanted):
        integral = bool(bench.xp.isdtype(got.dtype, "integral"))
        return bench.holds(f"dtype of {what}", integral, "integers", got.dtype) and bench.placed(what, got, got.dtype)
    return bench.placed(what, got, bench.xp.bool if wanted.dtype.kind == "b" else backend.dtype)


def _try(bench: Bench, what: str, call: Callable[[], object], wanted: object) -> None:
    try:
        got = call()
    except Exception as error:
        bench.holds(what, False, repr(wanted), f"{type(error).__name__}: {error}")
        return
    bench.same(what, wanted, got)
