"""Numbers that callers hand to trainers, checked."""

import math
from numbers import Integral, Real

from xpnet.errors import LabelError


def whole_number(value: object, what: str) -> int:
    """The value as an int; LabelError unless it is an integer of at least 1.

    >>> whole_number(3, "top")
    3
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < 1:
        msg = f"{what} is an integer of at least 1; got {value!r}"
        raise LabelError(msg)
    return int(value)


def inverse_temperature(value: object) -> float:
    """β of probabilities P(k) ∝ exp(-β E_k) as a float; LabelError unless it is finite and not 0."""
    if isinstance(value, Real) and math.isfinite(value) and value != 0:
        return float(value)
    msg = f"beta, the inverse temperature of probabilities, is a finite number other than 0; got {value!r}"
    raise LabelError(msg)
