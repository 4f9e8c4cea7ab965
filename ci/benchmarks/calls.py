"""How often a step calls the array library: on a GPU, nearly each such call is at least one kernel to be launched.

Counted on NumPy, without a GPU, by a backend whose arrays and namespace count: functions of the namespace, operators,
gathers, assignments and launches of kernels; views, shapes and dtypes are free. torch is counted by its own means:
operations that reach its dispatcher and are no views.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from types import SimpleNamespace
from typing import Any, final

import array_api_compat.numpy as compat
import numpy as np

from xpnet.backend import Backend
from xpnet.ops import resolve

INSPECTION = ("__array_namespace_info__", "__array_api_version__")
FREE = ("empty", "empty_like")  # room, and nothing done


class Tally:
    """Calls by name; `pause()` keeps what happens inside a call from being counted."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.paused = False

    @contextmanager
    def pause(self) -> Iterator[bool]:
        """A context in which nothing counts; tells whether something would have counted outside it."""
        before, self.paused = self.paused, True
        try:
            yield not before
        finally:
            self.paused = before

    def run(self, name: str, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Call it; count it unless its result is a view of an argument that it was not told to write, or no array."""
        with self.pause() as counts:
            result = function(*args, **options)
        if counts and name not in FREE and ("out" in options or _is_work(result, args)):
            self.calls[name] += 1
        return _counted(result, self)


class Counted(np.ndarray):
    """An array whose operators count."""

    tally: Tally

    def __array_finalize__(self, base: Any) -> None:
        self.tally = getattr(base, "tally", None) or Tally()

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        plain = [_plain(each) for each in inputs]
        if out is not None:
            options["out"] = tuple(_plain(each) for each in out)
        result = self.tally.run(ufunc.__name__, getattr(ufunc, method), *plain, **options)
        return out[0] if out is not None and len(out) == 1 else result

    def __getitem__(self, key: Any) -> Any:
        return (
            self.tally.run("take", _plain(self).__getitem__, _plain(key)) if _gathers(key) else super().__getitem__(key)
        )

    def __setitem__(self, key: Any, value: Any) -> None:
        if not self.tally.paused:
            self.tally.calls["assignment"] += 1
        _plain(self)[_plain(key)] = _plain(value)


@final
class CountingBackend(Backend):
    """NumPy that counts, and behaves as a device does: nothing is read in the middle of a step."""

    name = "counting"
    synchronous = False

    def __init__(self, overriding: Callable[..., Any] | None = None, launch: Callable[..., None] | None = None) -> None:
        """overriding(xp, launch) gives overrides as the CuPy backend's, `launch` runs their kernels on NumPy arrays."""
        self.tally, self._launch = Tally(), launch
        names = {name: getattr(compat, name) for name in dir(compat) if not name.startswith("__") or name in INSPECTION}
        super().__init__(SimpleNamespace(**{name: self._counting(name, each) for name, each in names.items()}))
        self.ops = resolve(self.xp, overriding(self.xp, self._launching) if overriding else {})

    def parse_device(self, device: str | None) -> str:
        """The processor."""
        return "cpu"

    def to_numpy(self, x: Any) -> Any:
        """The plain array."""
        return _plain(x)

    def synchronize(self) -> None:
        """NumPy has always finished."""

    def _counting(self, name: str, each: Any) -> Any:
        if not callable(each) or isinstance(each, type) or name in INSPECTION:
            return each
        return wraps(each)(lambda *args, **options: self.tally.run(name, each, *args, **options))

    def _launching(self, kernel: str, *args: Any, **shape: Any) -> None:
        with self.tally.pause():
            self._launch(kernel, *map(_plain, args), **shape)  # type: ignore[misc]
        self.tally.calls[f"kernel {kernel}"] += 1


def calls_in(step: Callable[[], object], backend: CountingBackend) -> Counter[str]:
    """The calls of one step, after one that set everything up."""
    step()
    backend.tally.calls.clear()
    step()
    return Counter(backend.tally.calls)


def torch_calls_in(step: Callable[[], object], torch: Any) -> Counter[str]:
    """torch's operations in one step, those of autograd among them."""
    from torch.utils._python_dispatch import TorchDispatchMode

    calls: Counter[str] = Counter()

    class Counting(TorchDispatchMode):
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            name = str(func.overloadpacket).removeprefix("aten.")
            if not func.is_view and name not in ("detach", "empty", "empty_like", "_unsafe_view", "new_empty"):
                calls[name] += 1
            return func(*args, **(kwargs or {}))

    step()
    with Counting():
        step()
    return calls


def _is_work(result: Any, args: Iterable[Any]) -> bool:
    results = [each for each in _flat([result]) if isinstance(each, np.ndarray | np.generic)]
    given = [each for each in _flat(args) if isinstance(each, np.ndarray)]
    seen = [any(np.may_share_memory(each, other) for other in given) for each in results]
    return bool(results) and not all(seen)


def _flat(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list | tuple):
            yield from _flat(value)
        else:
            yield value


def _counted(result: Any, tally: Tally) -> Any:
    if isinstance(result, np.ndarray | np.generic):
        array = np.asarray(result).view(Counted)
        array.tally = tally
        return array
    if isinstance(result, list | tuple):
        made = [_counted(each, tally) for each in result]
        return type(result)(*made) if hasattr(result, "_fields") else type(result)(made)
    return result


def _plain(x: Any) -> Any:
    if isinstance(x, Counted):
        return x.view(np.ndarray)
    return tuple(map(_plain, x)) if isinstance(x, tuple) else x


def _gathers(key: Any) -> bool:
    return any(isinstance(each, np.ndarray) for each in _flat([key]))
