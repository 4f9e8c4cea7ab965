"""The inverse temperature of probabilities, checked."""

import math
from numbers import Real

from xpnet.errors import LabelError


def inverse_temperature(value: object) -> float:
    """β of probabilities P(k) ∝ exp(-β E_k) as a float; LabelError unless it is finite and not 0."""
    if isinstance(value, Real) and math.isfinite(value) and value != 0:
        return float(value)
    msg = f"beta, the inverse temperature of probabilities, is a finite number other than 0; got {value!r}"
    raise LabelError(msg)
