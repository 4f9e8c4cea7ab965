"""Backends that run steps, streams and minibatches wrongly, each caught by the clause that says so."""

from contextlib import contextmanager

import array_api_compat.numpy as compat
import numpy as np
import pytest
from broken_backends import Sound, broken_clauses, sound

WORK, PREFETCH = "work is done when waited for", "prefetch brings every batch"
COMPILED, DONATED = "compiled steps equal plain ones", "donated arrays carry the state"
PRECISIONS = "precisions are of products"


@contextmanager
def _swallows():
    try:
        yield
    except LookupError:
        return


class LateStream(Sound):
    """What was asked for inside a stream is there only after synchronize()."""

    def __init__(self, **how):
        self.inside, self.pending = False, []
        self.changes = {"matmul": self._matmul}
        super().__init__(**how)

    @contextmanager
    def stream(self):
        before, self.inside = self.inside, True
        try:
            yield
        finally:
            self.inside = before

    def _matmul(self, a, b):
        result = compat.matmul(a, b)
        if self.inside:
            self.pending.append((result, result.copy()))
            result[...] = 0
        return result

    def synchronize(self):
        for result, value in self.pending:
            result[...] = value
        self.pending.clear()


def _in_any_order(self, batches):
    yield from reversed(list(Sound.prefetch(self, batches)))


def _all_real(self, batches):
    for batch in batches:
        yield tuple(map(self.asarray, batch))


def _in_one_buffer(self, batches):
    rooms = {}
    for batch in Sound.prefetch(self, batches):
        for part in batch:
            rooms.setdefault((part.shape, part.dtype), np.empty_like(part))[...] = part
        yield tuple(rooms[part.shape, part.dtype] for part in batch)


def _ends_early(self, batches):
    for batch in batches:
        if len(batch[0]) == 3:
            return
        yield from Sound.prefetch(self, [batch])


def _hides_errors(self, batches):
    try:
        yield from Sound.prefetch(self, batches)
    except LookupError:
        return


def _first_results(self, step, donate=0):
    held = {}

    def run(*arrays):
        key = tuple(array.shape for array in arrays)
        if key not in held:
            held[key] = step(*arrays)
        return held[key]

    return step if donate else run


def _one_output(self, step, donate=0):
    held = {}

    def run(*arrays):
        results = step(*arrays)
        places = held.setdefault(tuple(result.shape for result in results), results)
        for place, result in zip(places, results, strict=True):
            np.asarray(place)[...] = result
        return places

    return step if donate else run


def _constants(self, step, donate=0):
    last = []

    def run(*arrays):
        last[:] = last or [arrays[-1]]
        return step(*arrays[:-1], last[0])

    return step if donate else run


def _one_shape(self, step, donate=0):
    shapes = []

    def run(*arrays):
        shapes.append(arrays[0].shape)
        if arrays[0].shape != shapes[0]:
            msg = "compiled for another shape"
            raise ValueError(msg)
        return step(*arrays)

    return step if donate else run


def _scratch(self, step, donate=0):
    def run(*arrays):
        results = step(*arrays)
        arrays[0][...] = 0
        return results

    return step if donate else run


def _takes_too_many(self, step, donate=0):
    def run(*arrays):
        results = step(*arrays)
        for array in arrays[: donate + 1]:
            array[...] = 7
        return results

    return run if donate else step


def _keeps_the_state(self, step, donate=0):
    kept = []

    def run(*arrays):
        kept[:] = kept or arrays[:donate]
        return step(*kept, *arrays[donate:])

    return run if donate else step


class Reduced(Sound):
    """Products in half precision, summed in float32: right."""

    precisions = ("full", "float16")

    def __init__(self, device=None, dtype="float32", precision="full"):
        self.changes = {"matmul": self.half} if precision == "float16" else {}
        super().__init__(device, dtype, precision)

    def half(self, a, b):
        a, b = (x.astype(np.float16).astype(np.float32) for x in (a, b))
        return np.matmul(a, b)


class SumsInHalf(Reduced):
    def half(self, a, b):
        products = np.matmul(a, b)
        return products if a.shape[0] > 1 else np.minimum(products, 2048)


class HalfResults(Reduced):
    def half(self, a, b):
        return super().half(a, b).astype(np.float16)


class Rough(Reduced):
    def half(self, a, b):
        return np.matmul(np.round(a, 1), np.round(b, 1))


class HalfOfAll(Reduced):
    def asarray(self, x, dtype=None):
        array = super().asarray(x, dtype)
        half = self.precision == "float16" and array.dtype == np.float32
        return array.astype(np.float16).astype(np.float32) if half else array


class AnyPrecision(Reduced):
    def __init__(self, device=None, dtype="float32", precision="full"):
        super().__init__(device, dtype, precision if precision == "float16" else "full")


BROKEN = {
    "a stream that swallows errors": (WORK, lambda: sound(stream=lambda self: _swallows())),
    "a stream that is not waited for": (WORK, LateStream),
    "synchronize that returns something": (WORK, lambda: sound(synchronize=lambda self: self)),
    "minibatches in another order": (PREFETCH, lambda: sound(prefetch=_in_any_order)),
    "labels as real numbers": (PREFETCH, lambda: sound(prefetch=_all_real)),
    "minibatches in one buffer": (PREFETCH, lambda: sound(prefetch=_in_one_buffer)),
    "minibatches that are missing": (PREFETCH, lambda: sound(prefetch=_ends_early)),
    "an error of the source that is hidden": (PREFETCH, lambda: sound(prefetch=_hides_errors)),
    "stale results": (COMPILED, lambda: sound(compile=_first_results)),
    "results in one place": (COMPILED, lambda: sound(compile=_one_output)),
    "an argument taken for a constant": (COMPILED, lambda: sound(compile=_constants)),
    "one shape only": (COMPILED, lambda: sound(compile=_one_shape)),
    "arguments that are written": (COMPILED, lambda: sound(compile=_scratch)),
    "more is written than was donated": (DONATED, lambda: sound(compile=_takes_too_many)),
    "a state that stays the first": (DONATED, lambda: sound(compile=_keeps_the_state)),
    "full precision is not the first": (
        PRECISIONS,
        lambda: type("Other", (Reduced,), {"precisions": ("float16", "full")})(),
    ),
    "sums in half precision": (PRECISIONS, SumsInHalf),
    "results in half precision": (PRECISIONS, HalfResults),
    "less than was promised": (PRECISIONS, Rough),
    "not only products are rounded": (PRECISIONS, HalfOfAll),
    "any precision goes": (PRECISIONS, AnyPrecision),
}


@pytest.mark.parametrize("wrong", BROKEN)
def test_each_is_caught_by_its_clause(wrong):
    clause, make = BROKEN[wrong]
    assert broken_clauses(make())[0] == [clause]


def test_reduced_products_are_right():
    assert broken_clauses(Reduced()) == ([], "")
    assert broken_clauses(Reduced(precision="float16")) == ([], "")
