"""The contract checker of backends, for the shipped ones and for everybody's own."""

import time
from collections.abc import Iterable
from contextlib import nullcontext

import numpy as np

from xpnet.backend import Backend, get_backend
from xpnet.errors import ContractError, nearest
from xpnet.testing import (
    backend_arrays,
    backend_capabilities,
    backend_machines,
    backend_mixing,
    backend_namespace,
    backend_pitfalls,
    backend_places,
    backend_primitives,
    backend_running,
)
from xpnet.testing.backend_bench import BackendClause, Bench
from xpnet.testing.backend_mixing import second_device
from xpnet.testing.backend_report import BackendLine, BackendReport

SHOWN = 5  # problems of a clause told in full; the rest is counted

# Each floor stands on those before it: where one is broken, what comes after tells nothing new.
FLOORS: tuple[tuple[BackendClause, ...], ...] = (
    (backend_places.device_scope_nests,),
    (backend_places.the_name_leads_here, backend_places.devices_have_names),
    (backend_places.the_dtype_is_the_one_asked_for, backend_places.a_backend_is_a_place),
    (backend_arrays.arrays_are_made_in_place,),
    (backend_arrays.to_numpy_keeps_every_value,),
    (
        backend_arrays.to_numpy_results_are_independent,
        backend_arrays.asarray_takes_any_host_memory,
        backend_arrays.host_memory_is_copied_or_shared,
        backend_mixing.mixed_arrays_are_refused,
        backend_mixing.mixed_devices_are_refused,
        backend_capabilities.capabilities_are_what_is_seen,
        backend_capabilities.distinct_ids_are_all_there,
        backend_capabilities.facts_are_of_the_right_kind,
    ),
    (backend_namespace.the_namespace_is_complete,),
    (backend_namespace.functions_have_their_values, backend_namespace.operators_have_their_values),
    (
        backend_pitfalls.python_numbers_do_not_promote,
        backend_pitfalls.nan_is_passed_on,
        backend_pitfalls.ties_go_to_the_first,
        backend_pitfalls.sorting_is_stable,
        backend_pitfalls.found_places_can_be_used,
        backend_pitfalls.sums_keep_their_digits,
        backend_pitfalls.order_and_copies_are_as_asked,
        backend_capabilities.synchronous_is_what_is_seen,
    ),
    (
        backend_primitives.the_table_of_primitives_is_complete,
        backend_running.work_is_done_when_waited_for,
        backend_running.prefetch_brings_every_batch,
        backend_running.compiled_steps_equal_plain_ones,
        backend_running.donated_arrays_carry_the_state,
        backend_running.precisions_are_of_products,
    ),
    (backend_primitives.references_equal_float64, backend_primitives.overrides_equal_their_references),
    (backend_machines.modules_keep_their_contract,),
    (backend_machines.machines_learn_as_in_float64, backend_machines.parameters_travel_unchanged),
    (backend_capabilities.float64_is_real_or_refused,),
)
CLAUSES = {clause.name: clause for floor in FLOORS for clause in floor}


def check_backend(
    backend: Backend | str, *, other: Backend | None = None, clauses: Iterable[str] | None = None
) -> BackendReport:
    """Prove clause by clause what a backend promises; returns a report that can be printed.

    backend: a backend, or the name of an installed one. other: the same library on a second device, to prove that
    devices do not mix; looked for by counting in the device's name where it is not given. clauses: the names of those
    to check, all by default. Values are compared with NumPy in float64.

    Clauses stand on one another, in floors: of the first floor that is broken, all broken clauses are told, and what
    stands on it is not tried. Raises ContractError naming each broken clause, both sides and the remedy.

    >>> report = check_backend("numpy", clauses=["sorting is stable", "distinct ids are all there"])
    >>> len(report.lines), report.error
    (2, 0.0)
    """
    backend = backend if isinstance(backend, Backend) else get_backend(backend)
    wanted = _chosen(clauses)
    report = BackendReport(repr(backend))
    other = other or second_device(backend)
    for number, floor in enumerate(FLOORS):
        lines = [_line(clause, backend, other, scoped=number > 0) for clause in floor if clause.name in wanted]
        report.lines += lines
        broken = [line for line in lines if line.problems]
        if broken:
            left = [clause.name for later in FLOORS[number + 1 :] for clause in later if clause.name in wanted]
            raise ContractError(_told(backend, broken, left))
    return report


def _chosen(clauses: Iterable[str] | None) -> set[str]:
    wanted = set(CLAUSES if clauses is None else clauses)
    for name in wanted - CLAUSES.keys():
        msg = f"a backend's contract has no clause {name!r}; {nearest(name, CLAUSES)}"
        raise ContractError(msg)
    return wanted


def _line(clause: BackendClause, backend: Backend, other: Backend | None, *, scoped: bool) -> BackendLine:
    start, bench = time.perf_counter(), Bench(backend, other)
    try:
        with np.errstate(all="ignore"), backend.device_scope() if scoped else nullcontext():
            clause.check(bench)
    except Exception as error:  # a backend may fail in any way; the message must name the clause all the same
        notes = "; ".join(getattr(error, "__notes__", []))
        told = f"{type(error).__name__}: {error}{f' ({notes})' if notes else ''}"
        bench.problems.append(" ".join(told.split()))  # in one line
    seconds = time.perf_counter() - start
    return BackendLine(clause.name, bench.comparisons, bench.worst, seconds, tuple(bench.problems))


def _told(backend: Backend, broken: list[BackendLine], left: list[str]) -> str:
    parts = [f"{backend!r} breaks the contract of backends:"]
    for line in broken:
        more = f"; … and {len(line.problems) - SHOWN} more" if len(line.problems) > SHOWN else ""
        problems = "; ".join(line.problems[:SHOWN])
        parts.append(f"  {line.clause}: {problems}{more}. Remedy: {CLAUSES[line.clause].remedy}")
    if left:
        parts.append(f"  {len(left)} clauses that stand on these were not tried")
    return "\n".join(parts)
