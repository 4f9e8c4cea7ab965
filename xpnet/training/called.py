"""The arguments of a call by name, at the cost of a few look-ups: for what is called at every step."""

from collections.abc import Callable
from inspect import Parameter, signature
from typing import final

REST = Parameter.VAR_KEYWORD


@final
class Called:
    """What a function would be called with.

    >>> Called(lambda sample, label=None, **named_args: None).by_name((3,), {"rate": 0.1})
    {'sample': 3, 'rate': 0.1}
    """

    def __init__(self, function: Callable[..., object]) -> None:
        self.signature = signature(function)
        parameters = self.signature.parameters.values()
        self._rest = next((p.name for p in parameters if p.kind is REST), None)
        self._order = tuple(p.name for p in parameters if p.kind is not REST)
        self._places = tuple(p.name for p in parameters if p.kind is Parameter.POSITIONAL_OR_KEYWORD)
        self._known = {p.name for p in parameters if p.kind not in (REST, Parameter.POSITIONAL_ONLY)}
        self._needed = {p.name for p in parameters if p.kind is not REST and p.default is Parameter.empty}

    def by_name(self, args: tuple[object, ...], named: dict[str, object]) -> dict[str, object]:
        """The arguments that were given, those for `**named_args` among them; TypeError as the call would raise.

        In the function's own order, whatever that of the call.
        """
        given = dict(zip(self._places, args, strict=False)) | named
        fits = len(given) == len(args) + len(named) and self._needed <= given.keys()
        if fits and (self._rest is not None or self._known >= named.keys()):
            return self._ordered(given)
        return self._ordered(self._bound(args, named))

    def _ordered(self, given: dict[str, object]) -> dict[str, object]:
        ordered = {name: given[name] for name in self._order if name in given}
        return ordered | {name: given[name] for name in sorted(given.keys() - ordered.keys())}

    def _bound(self, args: tuple[object, ...], named: dict[str, object]) -> dict[str, object]:
        """By the standard library, which says what is wrong."""
        given = dict(self.signature.bind(*args, **named).arguments)
        return given | given.pop(self._rest, {}) if self._rest else given
