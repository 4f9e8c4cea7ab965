"""How many calls of the array library, and how many kernels of our own, a primitive takes.

Each call that computes counts as one: on a GPU it is at least one launch. Views (reshape, slices, transposes) are free.
"""

from types import SimpleNamespace

import array_api_compat.numpy as compat
import numpy as np

from cuda_shim.plugin import overrides
from xpnet.ops import resolve

FREE = {"reshape", "matrix_transpose", "permute_dims", "expand_dims", "squeeze", "broadcast_to", "empty", "finfo"}
PRODUCTS = {"matmul"}


class Counted(np.ndarray):
    """An array whose operators are counted by the counter in force."""

    counter = None

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        Counted.counter.note(ufunc.__name__)
        plain = [x.view(np.ndarray) if isinstance(x, Counted) else x for x in inputs]
        if out is not None:
            options["out"] = tuple(x.view(np.ndarray) for x in out)
        result = getattr(ufunc, method)(*plain, **options)
        return out[0] if out is not None else _counted(result)

    def copy(self, order="C"):
        Counted.counter.note("copy")
        return _counted(self.view(np.ndarray).copy(order))


class Counter:
    """Notes calls by name; `xp` is the namespace that does, `launch` notes kernels and runs none."""

    def __init__(self):
        self.calls, self.kernels = [], []
        names = {name: getattr(compat, name) for name in dir(compat) if not name.startswith("_")}
        functions = {name: self._noting(name, f) for name, f in names.items() if callable(f) and not _is_type(f)}
        self.xp = SimpleNamespace(**names | functions)

    def note(self, name):
        if name not in FREE:
            self.calls.append(name)

    def launch(self, name, *args, **sizes):
        self.kernels.append(name)

    def _noting(self, name, function):
        def noting(*args, **options):
            self.note(name)
            return _counted(function(*map(_plain, args), **options))

        return noting


def count(name, args, overridden):
    """(products, other launches) of one primitive: the reference's, or those with the overrides in force."""
    counter = counted(name, args, overridden)
    products = sum(call in PRODUCTS for call in counter.calls)
    return products, len(counter.calls) - products + len(counter.kernels)


def counted(name, args, overridden):
    """The counter after one call of a primitive."""
    counter = Counter()
    table = overrides.overrides(counter.xp, counter.launch) if overridden else {}
    op = getattr(resolve(counter.xp, {name: table[name]} if name in table else {}), name)
    before, Counted.counter = Counted.counter, counter
    try:
        with np.errstate(all="ignore"):
            op(*map(_counted, args))
    finally:
        Counted.counter = before
    return counter


def _is_type(value):
    return isinstance(value, type)


def _counted(value):
    if isinstance(value, tuple | list):
        return type(value)(map(_counted, value))
    return value.view(Counted) if isinstance(value, np.ndarray) else value


def _plain(value):
    if isinstance(value, tuple | list):
        return type(value)(map(_plain, value))
    return value.view(np.ndarray) if isinstance(value, Counted) else value
