"""Sentences about a recipe that does not fit: the place in the file, both sides, the remedy."""

from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from xpnet.errors import nearest
from xpnet.training.recipe import Recipe
from xpnet.training.toml_lines import line_of

Place = tuple[int | str, ...]

PLAIN = {  # (kind of error, key): what pydantic would say in terms of a regular expression
    ("string_pattern_mismatch", "name"): (
        "must begin with a letter or digit and go on with letters, digits, dots, dashes or underscores, 100 at most"
    ),
}


def describe_problems(error: ValidationError, text: str) -> list[str]:
    """One sentence per problem, in the order of the file's lines.

    text: the TOML text, searched for line numbers; a place that it does not hold is named without one.
    """
    found = [(_place(details), details) for details in error.errors()]
    found.sort(key=lambda problem: line_of(text, problem[0]) or 0)
    # Both members of a union complain about one value: the first complaint is enough.
    sentences = {place: f"{_where(place, text)}: {_what(details, place)}" for place, details in reversed(found)}
    return list(reversed(sentences.values()))


def _place(details: ErrorDetails) -> Place:
    return tuple(part for part in details["loc"] if not _is_union_member(part))


def _is_union_member(part: int | str) -> bool:
    return isinstance(part, str) and part.startswith(("literal[", "list["))


def _where(place: Place, text: str) -> str:
    line = line_of(text, place)
    dotted = ".".join(str(part) for part in place) or "the recipe"
    return f"line {line}, {dotted}" if line else dotted


def _what(details: ErrorDetails, place: Place) -> str:
    if details["type"] == "extra_forbidden":
        return f"unknown key; {nearest(str(place[-1]), _keys_at(place[:-1]))}"
    meaning = _meaning(place)
    if details["type"] == "missing":
        return f"missing; add it{meaning}"
    if details["type"] == "value_error":
        return details["msg"].removeprefix("Value error, ")
    rule = PLAIN.get((details["type"], str(place[-1]) if place else ""), _rule(details))
    return f"{rule}; got {_short(details['input'])}{meaning}"


def _rule(details: ErrorDetails) -> str:
    if details["type"] == "too_short":
        return "is empty; it needs at least one entry"
    return details["msg"].removeprefix("Input ").removeprefix("String ")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _meaning(place: Place) -> str:
    section = _model_at(place[:-1])
    field = section.model_fields.get(str(place[-1])) if section and place else None
    return f" ({field.description})" if field and field.description else ""


def _keys_at(place: Place) -> list[str]:
    section = _model_at(place)
    return list(section.model_fields) if section else []


def _model_at(place: Place) -> type[BaseModel] | None:
    section: type[BaseModel] = Recipe
    for part in place:
        if isinstance(part, int):
            continue  # a position in a list of tables
        field = section.model_fields.get(part)
        inner = _model_in(field.annotation) if field else None
        if inner is None:
            return None
        section = inner
    return section


def _model_in(annotation: Any) -> type[BaseModel] | None:
    for kind in (annotation, *getattr(annotation, "__args__", ())):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None
