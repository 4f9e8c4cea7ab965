"""Do these arguments fit this registered callable? Asked before it is called, so that all problems are told at once."""

import inspect
import types
import typing
from collections.abc import Callable, Collection, Mapping
from typing import Any

from xpnet.errors import nearest

SIMPLE = {int: "an integer", float: "a number", bool: "true or false", str: "a text"}


def argument_problems(target: Callable[..., Any], arguments: Mapping[str, Any], own: Collection[str] = ()) -> list[str]:
    """What is wrong with calling `target(**arguments)`; empty when nothing is.

    own: further keys that are legal beside the arguments, for the sentence about an unknown one.

    >>> argument_problems(stretch, {"facto": 2.0})
    ["unknown key 'facto'; did you mean 'factor'? known: factor, offset", "'factor' is missing: a number"]
    """
    parameters = _parameters(target)
    known = [*parameters, *own]
    unknown = [f"unknown key {key!r}; {nearest(key, known)}" for key in arguments if key not in parameters]
    missing = [f"{key!r} is missing{_kind(p, ': ')}" for key, p in parameters.items() if _missing(p, key, arguments)]
    wrong = [
        f"{key!r} must be{_kind(parameters[key], ' ')}; got {value!r}"
        for key, value in arguments.items()
        if key in parameters and not _fits(parameters[key].annotation, value)
    ]
    return unknown + missing + wrong


def stretch(factor: float, offset: float = 0.0) -> None:
    """A callable for the example above."""


def _parameters(target: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    signature = inspect.signature(target)
    return {name: parameter for name, parameter in signature.parameters.items() if parameter.kind in named}


def _missing(parameter: inspect.Parameter, key: str, arguments: Mapping[str, Any]) -> bool:
    return parameter.default is parameter.empty and key not in arguments


def _kind(parameter: inspect.Parameter, lead: str) -> str:
    names = [SIMPLE[kind] for kind in _kinds(parameter.annotation) if kind in SIMPLE]
    return lead + " or ".join(names) if names else ""


def _kinds(annotation: Any) -> tuple[Any, ...]:
    return typing.get_args(annotation) if isinstance(annotation, types.UnionType) else (annotation,)


def _fits(annotation: Any, value: object) -> bool:
    kinds = _kinds(annotation)
    if not all(kind in SIMPLE or kind is types.NoneType for kind in kinds):
        return True  # an annotation beyond the simple ones: the callable itself judges
    return type(value) in kinds or (float in kinds and type(value) is int)
