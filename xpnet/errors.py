"""What can go wrong, in one tree; every message states both sides and the remedy.

XpnetError                     exit code of the command line
├── ShapeError      ValueError   65   an array does not fit a port, a label set, a checkpoint
├── PlacementError  TypeError    65   dtypes, devices or array libraries are mixed
├── LabelError      ValueError   65   a label outside its label set, an empty label set
├── DataError       ValueError   65   samples that cannot be used: NaN, wrong counts, unreadable
├── NotFiniteError  ArithmeticError 65  an energy or a parameter became NaN or infinite
├── GraphError      ValueError   65   a wiring that is not an acyclic machine
├── ParameterError  ValueError   65   names, ties and state dicts that do not match the machine
├── RecipeError     ValueError   64   a recipe or option that cannot be understood
├── CheckpointError ValueError   66   a checkpoint that is missing, corrupt or of another machine
├── BackendError    ValueError   64   an unknown backend, device or dtype
│   └── BackendUnavailable RuntimeError 78   a known backend that cannot run here
├── OutOfMemoryError MemoryError 71   a device has no room for what was asked
└── ContractError   AssertionError 1    a module or backend breaks its contract
"""

import difflib
from collections.abc import Iterable

MANY, FEW = 16, 8  # names: a list of more than so many is cut to so few


class XpnetError(Exception):
    """Root of all errors that xpnet raises on purpose."""

    exit_code = 1


class ShapeError(XpnetError, ValueError):
    """An array's shape does not fit where it was put."""

    exit_code = 65


class PlacementError(XpnetError, TypeError):
    """Arrays of different dtypes, devices or libraries meet in one operation."""

    exit_code = 65


class LabelError(XpnetError, ValueError):
    """A label lies outside its label set, or the label set is empty."""

    exit_code = 65


class DataError(XpnetError, ValueError):
    """Samples or labels that cannot be learned from."""

    exit_code = 65


class NotFiniteError(XpnetError, ArithmeticError):
    """An energy, a gradient or a parameter is NaN or infinite."""

    exit_code = 65


class GraphError(XpnetError, ValueError):
    """Modules wired into something that is not an acyclic machine."""

    exit_code = 65


class ParameterError(XpnetError, ValueError):
    """Parameter names, ties or values that do not match the machine."""

    exit_code = 65


class RecipeError(XpnetError, ValueError):
    """A recipe or an option that cannot be understood."""

    exit_code = 64


class CheckpointError(XpnetError, ValueError):
    """A checkpoint that is missing, unreadable, altered or of another machine."""

    exit_code = 66


class BackendError(XpnetError, ValueError):
    """A backend, device or dtype of that name does not exist."""

    exit_code = 64


class BackendUnavailable(BackendError, RuntimeError):
    """A backend that exists but cannot run on this machine; never replaced silently."""

    exit_code = 78


class OutOfMemoryError(XpnetError, MemoryError):
    """A device has no room for an array; the message says how much was needed and how much is free."""

    exit_code = 71


class ContractError(XpnetError, AssertionError):
    """A module or a backend does not do what its contract says."""


def nearest(name: object, choices: Iterable[str]) -> str:
    """The end of a message about an unknown name: the nearest known one, then all of them, or the nearest of many.

    >>> nearest("Tnah", ["Linear", "Tanh"])
    "did you mean 'Tanh'? known: Linear, Tanh"
    """
    known, name = sorted(choices), str(name)  # who asks for number 3 is told the names too
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]!r}? " if close else ""
    if len(known) > MANY:
        likeness = {other: difflib.SequenceMatcher(None, other, name).ratio() for other in known}
        shown = sorted(known, key=lambda other: (other in close, likeness[other]), reverse=True)[:FEW]
        return f"{hint}nearest of {len(known)}: {', '.join(shown)}"
    return f"{hint}known: {', '.join(known) or 'none'}"
