"""Clauses of a backend: waiting, streams, minibatches sent ahead, compiled steps and precisions."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from xpnet._typing import Array, HostArray
from xpnet.errors import BackendError
from xpnet.testing.backend_bench import PRODUCTS, Bench, clause


@clause("Wait in synchronize() for every stream of the device, and let stream() order its work before what follows it.")
def work_is_done_when_waited_for(bench: Bench) -> None:
    """synchronize() returns nothing; work in stream() is seen outside it; streams nest and let exceptions out."""
    backend, xp = bench.backend, bench.xp
    values = np.linspace(-1, 1, 40 * 30).reshape(40, 30)
    x, wanted = backend.asarray(values), values @ values.T
    bench.same("synchronize()", None, backend.synchronize())
    with backend.stream():
        inside = xp.matmul(x, xp.matrix_transpose(x))
        with backend.stream():
            deeper = inside + 1.0
    bench.near("work of a stream, used after it", 2 * wanted + 1, inside + deeper, 4 * bench.products)
    backend.synchronize()
    bench.near("work of a stream, after synchronize()", wanted, inside, 4 * bench.products)

    def fails() -> None:
        with backend.stream():
            msg = "on purpose"
            raise LookupError(msg)

    bench.refuses("an error inside stream()", LookupError, fails)
    bench.near("a result after it", wanted, xp.matmul(x, xp.matrix_transpose(x)), 4 * bench.products)


@clause("Send batches in order, integers through indices and reals through asarray, each in memory of its own.")
def prefetch_brings_every_batch(bench: Bench) -> None:
    """prefetch yields the minibatches in order, integers as int64 and the rest in the real dtype; errors pass."""
    backend = bench.backend
    batches = [
        (np.full((k % 3 + 1, 4), k, "float64"), np.arange(k % 3 + 1, dtype="int32") + k, np.asarray(k / 2, "float32"))
        for k in range(7)
    ]
    kept = list(backend.prefetch(iter(batches)))
    bench.same("minibatches", len(batches), len(kept))
    for k, (sent, came) in enumerate(zip(batches, kept, strict=False)):
        bench.same(f"arrays of minibatch {k}", len(sent), len(came))
        for part, (value, array) in enumerate(zip(sent, came, strict=False)):
            what = f"part {part} of minibatch {k}, after all came"
            dtype = bench.xp.int64 if value.dtype.kind == "i" else backend.dtype
            if bench.placed(what, array, dtype, value.shape):
                bench.bits(
                    what, value.astype("int64" if value.dtype.kind == "i" else "float64"), backend.to_numpy(array)
                )
    bench.same("minibatches of an empty source", [], list(backend.prefetch(iter(()))))

    def broken() -> Iterator[tuple[HostArray, ...]]:
        yield batches[0]
        msg = "on purpose"
        raise LookupError(msg)

    bench.refuses("an error of the source", LookupError, lambda: list(backend.prefetch(broken())))
    first = next(iter(backend.prefetch(iter(batches))))
    bench.bits("a first minibatch, the rest never asked for", batches[0][0], backend.to_numpy(first[0]))


@clause(
    "Compile for the shapes and dtypes given, feed arguments by value, and return arrays that later calls leave alone."
)
def compiled_steps_equal_plain_ones(bench: Bench) -> None:
    """A compiled step gives the plain step's numbers for any values and shapes, and keeps earlier results."""
    backend, xp = bench.backend, bench.xp

    def step(x: Array, w: Array, scale: Array) -> tuple[Array, ...]:
        y = xp.tanh(xp.matmul(x, xp.matrix_transpose(w)) * scale)
        return y, xp.sum(y, axis=0), xp.argmin(x, axis=-1)

    compiled, earlier = backend.compile(step), []
    for k, rows in enumerate((3, 3, 5, 1, 3)):
        draws = np.random.default_rng(k)
        values = draws.normal(size=(rows, 5)), draws.normal(size=(7, 5)), np.asarray(0.5 + k)
        args = [backend.asarray(value) for value in values]
        wanted = [np.array(backend.to_numpy(result)) for result in step(*args)]
        results = compiled(*args)
        bench.holds(
            f"call {k} of a compiled step",
            isinstance(results, tuple | list) and len(results) == 3,
            "three results",
            results,
        )
        earlier += list(zip(wanted, results, strict=False))
        for what, value, array in zip(("x", "w", "scale"), values, args, strict=True):
            bench.near(f"{what} after call {k}", value, array)
        for number, (exact, result) in enumerate(earlier):
            bench.near(f"result {number % 3} of call {number // 3}, after call {k}", exact, result, 4 * bench.products)


@clause(
    "With donate=n write the first n results over the first n arguments or return new arrays; leave the others alone."
)
def donated_arrays_carry_the_state(bench: Bench) -> None:
    """A step that is fed its own first results runs like the plain one; what was not donated stays as it is."""
    backend, xp = bench.backend, bench.xp

    def step(w: Array, d: Array, g: Array, rate: Array) -> tuple[Array, ...]:
        moved = 0.9 * d + g
        return w - rate * moved, moved, xp.sum(w * w)

    compiled = backend.compile(step, donate=2)
    draws = np.random.default_rng(5)
    w, d = draws.normal(size=(4, 3)), np.zeros((4, 3))
    state = [backend.asarray(w.copy()), backend.asarray(d.copy())]
    for k in range(5):
        g, rate = draws.normal(size=(4, 3)), np.asarray(0.1 * (k + 1))
        fed = backend.asarray(g.copy()), backend.asarray(rate.copy())
        square = np.sum(w * w)
        w, d, (*state, seen) = w - rate * (0.9 * d + g), 0.9 * d + g, compiled(*state, *fed)
        for what, exact, array in zip(
            ("w", "d", "Σ w²", "g", "rate"), (w, d, square, g, rate), (*state, seen, *fed), strict=True
        ):
            bench.near(f"{what} after step {k}", exact, array, 20 * bench.rounding)


@clause("List in `precisions` what __init__ takes as precision=, round products only, and sum them in float32.")
def precisions_are_of_products(bench: Bench) -> None:
    """Each precision can be had or is a BackendError; products are rounded to it, summed in float32, stay float32."""
    kind, device = type(bench.backend), bench.backend.device_name
    bench.holds("precisions", kind.precisions[:1] == ("full",), "'full' first", kind.precisions)
    if len(kind.precisions) > 1:  # a backend without a choice takes no such argument
        bench.refuses("precision='rough'", Exception, partial(bench.another, device=device, precision="rough"))
    for precision in kind.precisions[1:]:
        make = partial(bench.another, device=device, precision=precision)
        bench.refuses(f"float64 with {precision}", BackendError, partial(make, dtype="float64"))
        try:
            reduced = make(dtype="float32")
        except BackendError as error:
            bench.holds(
                f"precision {precision!r}", bool(str(error)), "a backend, or a BackendError with a sentence", "nothing"
            )
            continue
        bench.same("precision", precision, reduced.precision)
        bench.holds("repr", precision in repr(reduced), f"{precision!r} in it", repr(reduced))
        values = np.random.default_rng(7).normal(size=(20, 50))
        x, tolerance = reduced.asarray(values), PRODUCTS[precision]
        product = reduced.xp.matmul(x, reduced.xp.matrix_transpose(x))
        bench.same(f"dtype of a product in {precision}", reduced.dtype, product.dtype)
        bench.close(f"a product in {precision}", values @ values.T, reduced.to_numpy(product), tolerance)
        linear = reduced.ops.linear(x, x, None)
        bench.close(f"ops.linear in {precision}", values @ values.T, reduced.to_numpy(linear), tolerance)
        ones = reduced.ones((1, 5000))
        total = reduced.to_numpy(reduced.xp.matmul(ones, reduced.xp.matrix_transpose(ones)))
        bench.same(f"5000 ones summed in {precision}", 5000.0, float(total[0, 0]))
        third = reduced.to_numpy(reduced.asarray([1 / 3]) * 1.0)
        bench.same(f"a third in {precision}", float(np.float32(1 / 3)), float(third[0]))
