"""What a compiled step takes for constant in a machine: the numbers, texts and parts that its modules hold."""

from collections.abc import Hashable, Iterable
from functools import cache
from operator import itemgetter
from typing import final

from xpnet.module import Module

PLAIN = {bool, int, float, str, type(None)}


@final
class Knobs:
    """Attributes that are plain values or modules, alone or in tuples, of these modules and of all inside them.

    >>> from xpnet.modules import Softmax
    >>> knobs = Knobs([Softmax(beta=2.0)])
    >>> before = knobs.now()
    >>> before == knobs.now()
    True
    """

    def __init__(self, modules: Iterable[Module]) -> None:
        self._modules = tuple(modules)
        self._names: dict[int, set[str]] = {}  # of attributes that were ever plain, by module
        self._walk()

    def now(self) -> tuple[object, ...]:
        """Their values and kinds at this moment; what is neither plain nor a part counts by its identity."""
        found = self._read()
        if found != self._last:  # a part that came in holds others
            self._walk()
        return self._last

    def _walk(self) -> None:
        self._places: list[tuple[dict[str, object], str]] = []
        for module in _within(self._modules):
            names = self._names.setdefault(id(module), set())
            names.update(_constant(module))
            self._places += [(vars(module), name) for name in vars(module) if name in names]
        self._last = self._read()

    def _read(self) -> tuple[object, ...]:
        return tuple([_seen(held.get(name)) for held, name in self._places])


@cache
def is_module(kind: Hashable) -> bool:
    """Whether this class is one of modules; to ask an abstract class at each step is slow."""
    return isinstance(kind, type) and issubclass(kind, Module)


def _seen(value: object) -> tuple[type[object], object]:
    kind = type(value)
    if kind in PLAIN or is_module(kind):  # type: ignore[arg-type]
        return kind, value  # 1, 1.0 and True are equal, and not the same
    return kind, tuple(map(_seen, value)) if isinstance(value, tuple) else id(value)


def _within(modules: Iterable[Module]) -> list[Module]:
    """These modules and all inside them, each once."""
    found: dict[int, Module] = {}
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if id(module) not in found:
            found[id(module)] = module
            waiting += map(itemgetter(1), module.children())
    return list(found.values())


def _constant(module: Module) -> list[str]:
    return [name for name, value in vars(module).items() if _counts(value)]


def _counts(value: object) -> bool:
    if isinstance(value, tuple):
        return all(map(_counts, value))
    return type(value) in PLAIN or is_module(type(value))  # type: ignore[arg-type]
