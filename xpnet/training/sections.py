"""The two kinds of tables in a recipe: those that know all their keys, and those that hand keys on."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict

from xpnet.errors import nearest
from xpnet.training.arguments import argument_problems


class Section(BaseModel):
    """A table of the recipe that knows all its keys."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class NamedSection(BaseModel):
    """A table that names something of a registry and hands it all its further keys."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    @property
    def arguments(self) -> dict[str, Any]:
        """The further keys: arguments of what the table names."""
        return dict(self.model_extra or {})

    def refuse_arguments(self, target: Callable[..., Any], own: Collection[str] = ()) -> None:
        """Raise ValueError unless `target` can be called with the further keys; own: legal keys beside them."""
        problems = argument_problems(target, self.arguments, own=own)
        if problems:
            msg = "; ".join(problems)
            raise ValueError(msg)


def registered(value: str, what: str, registry: Iterable[str]) -> str:
    """The name itself; ValueError with the nearest known one when the registry lacks it.

    >>> registered("digits", "data source", ["digits", "npz"])
    'digits'
    """
    known = list(registry)
    if value not in known:
        msg = f"unknown {what} {value!r}; {nearest(value, known)}"
        raise ValueError(msg)
    return value
