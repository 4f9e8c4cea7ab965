"""Clauses of a backend: what array libraries are known to do differently, each by its values."""

import numpy as np

from xpnet.testing.backend_bench import Bench, clause

NAN, INF = float("nan"), float("inf")


@clause("Let Python numbers take the array's dtype; a namespace that promotes them needs its functions wrapped.")
def python_numbers_do_not_promote(bench: Bench) -> None:
    """Python numbers beside an array, and 0-d arrays of its dtype, leave the dtype as it is."""
    backend, xp = bench.backend, bench.xp
    x, zero_d = backend.ones((2, 3)), backend.asarray(2.0)
    results = {
        "x * 2.0": x * 2.0, "2 * x": 2 * x, "x / 3": x / 3, "1.0 - x": 1.0 - x, "x ** 2": x**2, "x + 0-d": x + zero_d,
        "where(p, x, 0.0)": xp.where(x > 0, x, 0.0), "where(p, inf, x)": xp.where(x > 9, INF, x),
        "maximum(x, 0.0)": xp.maximum(x, 0.0), "clip(x, min=0.0)": xp.clip(x, min=0.0), "mean(x)": xp.mean(x),
        "sum(x)": xp.sum(x), "x * True": x * xp.astype(x > 0, backend.dtype),
    }  # fmt: skip
    for what, result in results.items():
        bench.placed(what, result, backend.dtype)
    ids = backend.indices([1, 2])
    for what, result in {
        "integers + 1": ids + 1,
        "integers * 2": 2 * ids,
        "where(p, ids, 0)": xp.where(ids > 1, ids, 0),
    }.items():
        bench.placed(what, result, xp.int64)


@clause("Wrap min, max and argmin so that a NaN wins: a machine must see it, not pass over it.")
def nan_is_passed_on(bench: Bench) -> None:
    """min, max, sum, maximum and minimum give NaN where one takes part, argmin and argmax find it."""
    backend, xp = bench.backend, bench.xp
    x = backend.asarray([[1.0, NAN, -1.0], [2.0, 3.0, 1.0]])
    rows = {"min": [NAN, 1.0], "max": [NAN, 3.0], "sum": [NAN, 6.0], "mean": [NAN, 2.0]}
    for name, wanted in rows.items():
        bench.near(f"{name} of a row with NaN", np.asarray(wanted), getattr(xp, name)(x, axis=-1))
    for name in ("argmin", "argmax"):
        bench.same(f"{name} of a row with NaN", 1, int(getattr(xp, name)(x, axis=-1)[0]))
    for name in ("maximum", "minimum"):
        for left, right in ((NAN, 1.0), (1.0, NAN)):
            found = getattr(xp, name)(backend.asarray([left]), backend.asarray([right]))
            bench.near(f"{name}({left}, {right})", np.asarray([NAN]), found)
    bench.near("NaN < 1, NaN > 1", np.asarray([[False] * 3, [False] * 3]), (x < xp.full_like(x, -9.0)) | (x > 9.0))
    chosen = xp.where(xp.isnan(x), 0.0, x)[:, 1]
    bench.near("where that leaves NaN out", np.asarray([0.0, 3.0]), chosen)


@clause("Let argmin and argmax return the first of equal numbers; where the library does not, search by comparison.")
def ties_go_to_the_first(bench: Bench) -> None:
    """argmin and argmax find the first of equal numbers, also of infinities."""
    backend, xp = bench.backend, bench.xp
    wide = np.zeros((3, 300))
    wide[:, [7, 123, 290]] = [-1.0, -1.0, -1.0]
    rows = {"small": ([[2, 1, 1, 2], [3, 3, 3, 3], [INF, INF, INF, INF]], [1, 0, 0]), "wide": (wide, [7, 7, 7])}
    for what, (values, wanted) in rows.items():
        x = backend.asarray(values)
        bench.near(f"argmin of {what} rows", np.asarray(wanted), xp.argmin(x, axis=-1))
        bench.near(f"argmax of {what} rows", np.asarray(wanted), xp.argmax(-x, axis=-1))


@clause("Pass stable=True on to the library's sort, or sort pairs of value and place.")
def sorting_is_stable(bench: Bench) -> None:
    """argsort(stable=True) keeps equal numbers in their order, on long rows too, and infinities at the end."""
    backend, xp = bench.backend, bench.xp
    keys = np.asarray([(7 * k * k) % 5 for k in range(400)])
    wanted = np.argsort(keys, kind="stable")
    bench.near("argsort of 400 integers", wanted, xp.argsort(backend.indices(keys), stable=True))
    bench.near("argsort of 400 reals", wanted, xp.argsort(backend.asarray(keys), axis=-1, stable=True))
    rows = np.asarray([[INF, 1.0, INF, -INF, 1.0], [0.0, 0.0, 0.0, 0.0, 0.0]])
    order = xp.argsort(backend.asarray(rows), axis=-1, stable=True)
    bench.near("argsort of rows with ties", np.asarray([[3, 1, 4, 0, 2], [0, 1, 2, 3, 4]]), order)


@clause("Return integers that take, take_along_axis and comparisons accept, whatever their width.")
def found_places_can_be_used(bench: Bench) -> None:
    """What argmin, argsort and searchsorted return may index, be compared with indices, and become int64."""
    backend, xp = bench.backend, bench.xp
    values = np.asarray([[3.0, 1.0, 2.0], [0.5, 4.0, -1.0]])
    x = backend.asarray(values)
    place = xp.argmin(x, axis=-1, keepdims=True)
    bench.near("take_along_axis at argmin", np.asarray([[1.0], [-1.0]]), xp.take_along_axis(x, place, axis=-1))
    bench.near("take at argmin", values[[1, 0]], xp.take(x, xp.argmin(x, axis=0)[:2], axis=0))
    order = xp.argsort(x, axis=-1, stable=True)
    bench.near("take_along_axis at argsort", np.sort(values), xp.take_along_axis(x, order, axis=-1))
    bench.near(
        "argmin == indices", np.asarray([True, False]), xp.astype(place[:, 0], xp.int64) == backend.indices([1, 0])
    )
    found = xp.searchsorted(backend.indices([0, 1, 1, 4]), backend.indices([1, 5, -1]))
    bench.near("minimum of searchsorted and 3", np.asarray([1, 3, 0]), xp.minimum(found, 3))
    hits = place == xp.arange(3, dtype=place.dtype, device=backend.device)
    bench.near("argmin against arange of its dtype", np.asarray([[False, True, False], [False, False, True]]), hits)


@clause(
    "Sum real numbers in their own dtype or a wider one; never in half precision, and never one after the other in it."
)
def sums_keep_their_digits(bench: Bench) -> None:
    """sum, mean and cumulative_sum of thousands of numbers, and their products, keep the digits of the dtype."""
    backend, xp = bench.backend, bench.xp
    values = 1.0 + np.arange(6000) % 7 / 1000.0
    x = backend.asarray(values)
    bench.near("sum of 6000 numbers", np.sum(values), xp.sum(x), 4 * bench.rounding)
    bench.near("mean of 6000 numbers", np.mean(values), xp.mean(x), 4 * bench.rounding)
    bench.near(
        "cumulative sum of 600 numbers", np.cumsum(values[:600]), xp.cumulative_sum(x[:600]), 20 * bench.rounding
    )
    ones = xp.ones_like(x)
    eps = float(np.finfo(backend.dtype_name).eps)  # one after the other is allowed here, in the dtype itself
    product = xp.matmul(xp.reshape(ones, (1, -1)), xp.reshape(x, (-1, 1)))
    bench.near(
        "product of 6000 numbers with ones",
        np.asarray([[np.sum(values)]]),
        product,
        max(len(values) * eps / 2, bench.products),
    )
    small = np.asarray([1e-9, 3e-8, 1e-5])
    bench.near(
        "expm1 near 0, relative", np.expm1(small) / small, xp.expm1(backend.asarray(small)) / backend.asarray(small)
    )
    bench.near(
        "log1p near 0, relative", np.log1p(small) / small, xp.log1p(backend.asarray(small)) / backend.asarray(small)
    )


@clause(
    "Let reshape and slices give the elements in C order, whatever the strides, and asarray(copy=True) a true copy."
)
def order_and_copies_are_as_asked(bench: Bench) -> None:
    """reshape reads in C order through any strides; asarray(copy=True) is nobody's view; results never write into x."""
    backend, xp = bench.backend, bench.xp
    values = np.arange(24.0).reshape(2, 3, 4)
    x = backend.asarray(values)
    views = {
        "a transposed array": (xp.matrix_transpose(x), values.swapaxes(1, 2)),
        "permuted axes": (xp.permute_dims(x, (2, 0, 1)), values.transpose(2, 0, 1)),
        "every other column": (x[..., ::2], values[..., ::2]),
        "a broadcast array": (xp.broadcast_to(x[:1, ...], (2, 3, 4)), np.broadcast_to(values[:1], (2, 3, 4))),
    }
    for what, (view, wanted) in views.items():
        bench.near(f"reshape of {what}", wanted.reshape(-1), xp.reshape(view, (-1,)))
        bench.near(f"sum along rows of {what}", wanted.sum(axis=-1), xp.sum(view, axis=-1))
        bench.bits(f"to_numpy of {what}", wanted, backend.to_numpy(view))
    if backend.capabilities.inplace:
        copied = xp.asarray(x, copy=True)
        copied[...] = backend.zeros((2, 3, 4))
        bench.near("an array after a write into its copy", values, x)
        total = x + 0.0
        total[...] = backend.zeros((2, 3, 4))
        bench.near("an array after a write into a sum", values, x)
