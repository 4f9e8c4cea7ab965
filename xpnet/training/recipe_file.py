"""Reading a recipe: TOML text plus `--set` overrides, checked as a whole."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from xpnet.errors import RecipeError
from xpnet.training.recipe import Recipe
from xpnet.training.recipe_problems import describe_problems

LIMIT = 1 << 20  # bytes; a recipe is written by hand, so anything larger is another kind of file


def read_recipe(path: Path, overrides: Sequence[str] = ()) -> Recipe:
    """The recipe in this file with overrides such as "training.epochs=3" put into it.

    Raises RecipeError that lists every problem of the file with its place.
    """
    text = _text(path)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"{path} is not TOML: {error}"
        raise RecipeError(msg) from error
    return check_recipe(override(document, overrides), str(path), text)


def check_recipe(document: dict[str, Any], origin: str, text: str = "") -> Recipe:
    """The recipe in a document that was read already; origin and text are for messages."""
    try:
        return Recipe.model_validate(document)
    except ValidationError as error:
        problems = describe_problems(error, text)
        count = f" {len(problems)} problems:\n  " if len(problems) > 1 else " "
        msg = f"{origin}:{count}" + "\n  ".join(problems)
        raise RecipeError(msg) from error


def override(document: dict[str, Any], overrides: Sequence[str]) -> dict[str, Any]:
    """The document with each "dotted.key=value" put in; values are TOML, a bare word is a text.

    >>> override({"training": {"epochs": 9}}, ["training.epochs=3", "data.source=digits"])
    {'training': {'epochs': 3}, 'data': {'source': 'digits'}}
    """
    for assignment in overrides:
        key, equals, value = assignment.partition("=")
        if not equals or not all(part.strip() for part in key.split(".")):
            msg = f"--set {assignment!r} is not key=value; for example --set training.epochs=3"
            raise RecipeError(msg)
        _put(document, [part.strip() for part in key.split(".")], toml_value(value.strip()), assignment)
    return document


def toml_value(text: str) -> Any:
    """The value that TOML gives to this text; a text that is not a TOML value stands for itself.

    >>> toml_value("0.5"), toml_value("true"), toml_value("digits")
    (0.5, True, 'digits')
    """
    try:
        document = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    return document["value"] if document.keys() == {"value"} else text


def _put(target: Any, parts: list[str], value: Any, assignment: str) -> None:
    *path, last = parts
    try:
        for part in path:
            target = target.setdefault(part, {}) if isinstance(target, dict) else target[int(part)]
        target[last if isinstance(target, dict) else int(last)] = value
    except (ValueError, IndexError, TypeError, AttributeError) as error:
        msg = f"--set {assignment!r} leads nowhere: no table or list position {'.'.join(parts)} in the recipe"
        raise RecipeError(msg) from error


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(LIMIT + 1)
    except OSError as error:
        msg = f"cannot read the recipe {path}: {error.strerror or error}"
        raise RecipeError(msg) from error
    if len(raw) > LIMIT:
        msg = f"{path} is larger than {LIMIT} bytes: not a recipe"
        raise RecipeError(msg)
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        msg = f"{path} is not UTF-8 text ({error.reason} at byte {error.start}): not a recipe"
        raise RecipeError(msg) from error
