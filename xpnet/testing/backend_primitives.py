"""Clauses of a backend: its table of primitives is complete and right."""

from functools import partial
from typing import Any

import array_api_compat.numpy as host_xp
import numpy as np

from xpnet._typing import HostArray
from xpnet.backend import OpsTable
from xpnet.ops import REFERENCE, gives_same_bits
from xpnet.testing.backend_bench import Bench, clause
from xpnet.testing.conformance import check_ops
from xpnet.testing.ops_arguments import hosts, listed, placed
from xpnet.testing.ops_cases import MAY_WRITE, SEEN_THROUGH, SHAPES, OpCase, cases

SHAPES_TRIED = 8  # of a reference's shapes of call, evenly spread,
QUICK = ("few rows", "infinite values", "nan values")  # and these of their cases: some libraries compile for each
REFERENCE_LIMIT = {"float32": 5e-5, "float64": 1e-12}


@clause("Set self.ops = resolve(xp, OVERRIDES) after Backend.__init__; every name in OVERRIDES is one of xpnet.ops.")
def the_table_of_primitives_is_complete(bench: Bench) -> None:
    """`ops` is a resolved table with every primitive of xpnet, and names those that are overridden."""
    table = getattr(bench.backend, "ops", None)
    if not isinstance(table, OpsTable):
        bench.holds("ops", False, "an OpsTable", type(table).__name__)
        return
    for name in REFERENCE:
        bench.holds(f"ops.{name}", callable(vars(table).get(name)), "a primitive", "nothing")
    strays = sorted(table.accelerated - REFERENCE.keys())
    bench.same("overrides of unknown primitives", [], strays)
    if bench.backend.deterministic:
        varying = sorted(name for name in table.accelerated if not gives_same_bits(vars(table)[name]))
        bench.same("nondeterministic overrides, with XPNET_DETERMINISTIC=on", [], varying)


@clause("Mend or drop this override: XPNET_ACCEL=off shows whether the rest is right.")
def overrides_equal_their_references(bench: Bench) -> None:
    """Each override passes the conformance kit: values against float64, form, arguments left alone, the same bits."""
    report = check_ops(bench.backend)
    bench.comparisons += sum(report.cases.values())
    for name, error in report.reference_errors.items():
        _exact_enough(bench, name, error)
    bench.worst = max(report.override_errors.values(), default=0.0)


@clause("A reference uses the namespace alone: find the function that differs with the clauses before this one.")
def references_equal_float64(bench: Bench) -> None:
    """Every primitive without an override gives what NumPy in float64 gives: values, NaN, infinities and shapes."""
    with np.errstate(all="ignore"):
        for name in SHAPES.keys() - bench.backend.ops.accelerated:
            for case in _quick(name):
                _compare(bench, name, case)


def _quick(name: str) -> list[OpCase]:
    """Of some shapes of call an ordinary batch, one with infinities and one with NaN."""
    found = [case for case in cases(name) if case.name.endswith(QUICK)]
    shapes = len(SHAPES[name])
    each = len(found) // shapes
    kept = range(0, shapes, -(-shapes // SHAPES_TRIED))
    return [case for k in kept for case in found[k * each : (k + 1) * each]]


def _compare(bench: Bench, name: str, case: OpCase) -> None:
    what = f"{name!r}, case {case.name!r}"
    args = placed(bench.backend, case.args, case.layout)
    before = hosts(bench.backend, args)
    exact_args = hosts(bench.backend, args, np.float64)
    wanted = _comparable(name, exact_args, listed(REFERENCE[name](host_xp, *exact_args)))
    results = listed(partial(REFERENCE[name], bench.xp)(*args))
    got = _comparable(name, exact_args, hosts(bench.backend, results))
    for value, exact in zip(got, wanted, strict=True):
        _pattern(bench, what, value, exact)
    if name not in MAY_WRITE:
        after = hosts(bench.backend, args)
        kept = all(_equal(one, other) for one, other in zip(before, after, strict=True))
        bench.holds(f"arguments of {what}", kept, "as they were", "changed")


def _comparable(name: str, args: list[Any], results: list[Any]) -> list[HostArray]:
    arrays = [np.asarray(result) for result in results]
    return SEEN_THROUGH[name](args, arrays) if name in SEEN_THROUGH else arrays


def _pattern(bench: Bench, what: str, value: HostArray, exact: HostArray) -> None:
    if not bench.same(f"shape of {what}", exact.shape, value.shape):
        return
    for kind in (np.isnan, np.isposinf, np.isneginf):
        bench.holds(f"{kind.__name__} in {what}", bool(np.array_equal(kind(value), kind(exact))), exact, value)
    finite = np.isfinite(exact) & np.isfinite(value)
    scale = float(np.max(np.abs(exact[finite]), initial=0.0)) or 1.0
    error = float(np.max(np.abs(value[finite] - exact[finite]), initial=0.0)) / scale
    bench.worst = max(bench.worst, error)
    _exact_enough(bench, what, error)


def _exact_enough(bench: Bench, what: str, error: float) -> None:
    if bench.backend.precision != "full":
        return  # what rounded products make of a distance or a choice is not bounded by their rounding
    limit = REFERENCE_LIMIT[bench.backend.dtype_name]
    bench.holds(
        f"error of the reference of {what}", error <= limit, f"at most {limit:.1e} beside float64", f"{error:.1e}"
    )


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, list):
        return all(_equal(a, b) for a, b in zip(one, other, strict=True))
    return (
        bool(np.array_equal(one, other, equal_nan=True))
        if isinstance(one, np.ndarray)
        else one is other or one == other
    )
