"""What the inputs of a checked module hold by default: most modules take any numbers, some live on a smaller domain."""

from collections.abc import Callable, Sequence
from typing import Any

from xpnet._typing import Shape
from xpnet.errors import RecipeError, nearest
from xpnet.module import Module
from xpnet.testing.draws import Draw, distribution, integers, normal, positive

Draws = list[Draw]

NAMED = {"normal": normal, "positive": positive, "distribution": distribution}

# Shapes and arguments with which a module can be checked where the general ones would not do.
SHAPES: dict[str, list[Shape]] = {"Switch": [(3,), (3,), ()], "WeightedSum": [(2,), (3,), (3,)]}
ARGUMENTS: dict[str, dict[str, Any]] = {"Switch": {"event_ndim": 1}, "Clamp": {"forbidden": 0.0}}

# Where a label or a length points to follows from the shapes.
_LABEL_LAST: dict[str, Callable[[Sequence[Shape]], Draws]] = {
    "Switch": lambda shapes: [*[normal] * (len(shapes) - 1), integers(max(1, len(shapes) - 1))],
    "Select": lambda shapes: [normal, integers(shapes[0][-1])],
    "Clamp": lambda shapes: [normal, integers(shapes[0][-1])],
    "LogLoss": lambda shapes: [distribution, integers(shapes[0][-1])],
    "Blank": lambda shapes: [normal, integers(shapes[0][0] + 1)],
}
_FIXED: dict[str, Draws] = {
    "KullbackLeibler": [distribution, distribution],
    "Hold": [integers(2), normal, normal],
}


def default_draws(module: Module, shapes: Sequence[Shape]) -> Draws:
    """How to draw each input of a shipped module; standard normal numbers for any other."""
    name = type(module).__name__
    if name == "Lookup":
        return [integers(vars(module)["n_symbols"])] * len(shapes)
    if name in _LABEL_LAST and shapes and shapes[0]:
        return _LABEL_LAST[name](shapes)
    return _FIXED.get(name, [normal] * len(shapes))


def parse_draw(text: str) -> Draw:
    """The draw that a text such as "positive" or "integers:4" means.

    >>> parse_draw("positive").__name__
    'positive'
    """
    kind, _, count = text.partition(":")
    if kind == "integers" and count.isdecimal() and int(count):
        return integers(int(count))
    if text not in NAMED:
        msg = f"--draw {text!r} is unknown; {nearest(text, [*NAMED, 'integers:K'])} (K: how many different integers)"
        raise RecipeError(msg)
    return NAMED[text]
