"""How an update is asked for: numbers by name, or an optimizer."""

from collections.abc import Mapping
from functools import lru_cache
from typing import TypeAlias

from xpnet.errors import RecipeError, nearest
from xpnet.optimizers import Optimizer, Sgd

# Numbers for Sgd by name, or another optimizer, such as xpnet.DiagLm(...).
UpdateArgs: TypeAlias = Mapping[str, float] | Optimizer

_sgd = lru_cache(maxsize=64)(Sgd)  # the same arguments come back at every step of a loop


def _number(value: float) -> float:
    """A Python number of an array's single one, as it is now; anything else as it is."""
    return float(value) if getattr(value, "shape", None) == () else value


def rule_of(update_args: UpdateArgs | None, named_args: Mapping[str, float]) -> Optimizer:
    """The optimizer that was given, or Sgd with these arguments.

    >>> rule_of(None, {"learning_rate": 0.1})
    Sgd(learning_rate=0.1, weight_decay=0.0, inertia=0.0)
    """
    if update_args is None or isinstance(update_args, Mapping):
        arguments = {name: _number(value) for name, value in {**(update_args or {}), **named_args}.items()}
        known = Sgd.__dataclass_fields__
        for name in arguments:
            if name not in known:
                msg = f"unknown update argument {name!r}; {nearest(name, known)}"
                raise RecipeError(msg)
        if "learning_rate" not in arguments:
            msg = "an update needs a learning_rate: learn_sample(..., learning_rate=0.1)"
            raise RecipeError(msg)
        return _sgd(**arguments)
    if isinstance(update_args, type) or not callable(getattr(update_args, "update", None)):
        msg = f"update_args is a mapping or an optimizer; numbers go by name, learning_rate=0.1. Got {update_args!r}"
        raise RecipeError(msg)
    if named_args:
        msg = f"an optimizer brings its own arguments; got {update_args!r} and {', '.join(named_args)}"
        raise RecipeError(msg)
    return update_args
