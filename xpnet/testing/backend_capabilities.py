"""Clauses of a backend: what it says of itself is what is seen."""

import time
from collections.abc import Callable

import numpy as np

from xpnet.errors import BackendError
from xpnet.testing.backend_bench import Bench, clause

KNOWN = ("used", "held", "free", "total", "limit")
PATIENCE = 1e-3  # seconds: a wait shorter than this may be anything
SIZE, LONGEST = 512, 4


@clause("Leave `capabilities` to Backend.__init__, which tries them out; never set them by hand.")
def capabilities_are_what_is_seen(bench: Bench) -> None:
    """Where `inplace` and `views` are claimed, slices can be written and their reshapes alias the whole."""
    backend, xp = bench.backend, bench.xp
    claimed = backend.capabilities
    if claimed.inplace:
        buffer = backend.zeros((4, 6))
        buffer[1:3, 2:4] = backend.ones((2, 2))
        buffer[3, ...] = 2.0
        wanted = np.zeros((4, 6))
        wanted[1:3, 2:4], wanted[3] = 1.0, 2.0
        bench.bits("an array after its slices were assigned", wanted, backend.to_numpy(buffer))
    if claimed.views:
        bench.holds("inplace, where views are claimed", claimed.inplace, True, claimed.inplace)
        buffer, whole = backend.zeros((100,)), np.arange(100.0)
        first, second = xp.reshape(buffer[32:44], (3, 4)), xp.reshape(buffer[64:70], (2, 3))
        buffer[...] = backend.asarray(whole.copy())
        bench.bits("a view after the whole was written", np.arange(32.0, 44).reshape(3, 4), backend.to_numpy(first))
        first[...] = -1.0
        second[...] = backend.ones((2, 3)) * -2.0
        whole[32:44], whole[64:70] = -1, -2
        bench.bits("the whole after two views were written", whole, backend.to_numpy(buffer))


@clause(
    "Say float64=False in `capabilities` (the probe does) and let Backend.__init__ refuse the dtype, or support it."
)
def float64_is_real_or_refused(bench: Bench) -> None:
    """with_dtype("float64") gives numbers of 53 bits or a BackendError; what `capabilities` claims is kept."""
    backend = bench.backend
    for dtype, third in (("float64", 1 / 3), ("float32", float(np.float32(1 / 3)))):
        if backend.precision != "full" and dtype == "float64":
            continue
        try:
            wide = backend.with_dtype(dtype)
        except BackendError as error:
            refused = dtype == "float64" and not backend.capabilities.float64
            bench.holds(f"with_dtype({dtype!r})", refused, "a backend, as its capabilities say", error)
            continue
        seen = wide.to_numpy(wide.asarray([1 / 3]))
        bench.same(f"the dtype of with_dtype({dtype!r})", (dtype, wide.device), (str(seen.dtype), backend.device))
        bench.same(f"a third in {dtype}", third, float(seen[0]))


@clause("Return each number once, or ids as they are where finding out would have to wait for the device.")
def distinct_ids_are_all_there(bench: Bench) -> None:
    """distinct(ids) holds the same numbers: each of them once, or ids itself."""
    backend = bench.backend
    for ids in ([3, 1, 3, 0, 1, 3], [5], [], [2, 2, 2]):
        found = backend.distinct(backend.indices(np.asarray(ids, "int64")))
        bench.placed(f"distinct({ids})", found, bench.xp.int64)
        seen = [int(number) for number in backend.to_numpy(found)]
        fine = seen == ids or sorted(seen) == sorted(set(ids))
        bench.holds(f"distinct({ids})", fine, f"{sorted(set(ids))} or {ids}", seen)


@clause("Report bytes under the keys 'used', 'held', 'free', 'total' and 'limit' only, and texts in remarks().")
def facts_are_of_the_right_kind(bench: Bench) -> None:
    """memory_stats() holds whole numbers under known names, remarks() texts, `deterministic` is a truth."""
    backend = bench.backend
    kept = backend.zeros((1 << 18,))
    stats = backend.memory_stats()
    bench.holds("keys of memory_stats()", set(stats) <= set(KNOWN), f"some of {KNOWN}", sorted(stats))
    whole = all(isinstance(value, int) and value >= 0 for value in stats.values())
    bench.holds("memory_stats()", whole, "bytes as whole numbers", stats)
    if "used" in stats:
        bytes_ = (1 << 18) * np.dtype(backend.dtype_name).itemsize
        bench.holds("'used' with an array at hand", stats["used"] >= bytes_, f"at least {bytes_}", stats["used"])
    for small, large in (("used", "held"), ("free", "total")):
        fine = stats.get(small, 0) <= stats.get(large, stats.get(small, 0))
        bench.holds(f"{small!r}", fine, f"at most {large!r}", stats)
    bench.same("the array meanwhile", (1 << 18,), tuple(kept.shape))
    remarks = backend.remarks()
    texts = isinstance(remarks, list) and all(isinstance(remark, str) for remark in remarks)
    bench.holds("remarks()", texts, "a list of texts", remarks)
    bench.holds("deterministic", isinstance(backend.deterministic, bool), "True or False", backend.deterministic)


@clause("Set `synchronous = False` on a device that computes beside the host: reading a number then has to wait.")
def synchronous_is_what_is_seen(bench: Bench) -> None:
    """Where `synchronous` is claimed, nothing but the host computes: no work gets done while the host sleeps."""
    backend, xp = bench.backend, bench.xp
    if not backend.synchronous:
        bench.holds("synchronous", backend.synchronous is False, "True or False", backend.synchronous)
        return
    matrix = backend.asarray(np.eye(SIZE) * 0.5)

    def ask() -> object:
        result = matrix
        for _ in range(LONGEST):
            result = xp.matmul(result, matrix)
        return result

    def waited() -> float:
        result = ask()
        start = time.perf_counter()
        backend.to_numpy(result)
        return time.perf_counter() - start

    wait = min(waited() for _ in range(3))
    seen = True if wait < PATIENCE else _the_host_computes(bench, ask, wait)
    told = f"work of {wait:.3g} s that was done while the host slept"
    bench.holds("synchronous", seen, "no work beside the host", told)


def _the_host_computes(bench: Bench, ask: Callable[[], object], wait: float) -> bool:
    """Whether the process's own processors were busy for as long as a result was waited for."""
    busy = 0.0
    for _ in range(3):
        result, start = ask(), time.process_time()
        time.sleep(2 * wait)
        bench.backend.to_numpy(result)
        busy = max(busy, time.process_time() - start)
    return busy > 0.2 * wait
