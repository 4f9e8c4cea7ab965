"""Where a NaN came from."""

import math

from xpnet._typing import Array
from xpnet.errors import NotFiniteError
from xpnet.parameters import ParameterStore


def explain_not_finite(what: str, param: ParameterStore, **arrays: Array) -> NotFiniteError:
    """An error that names the first array or parameter, and the place in it, that is not finite.

    Only called when something went wrong, so it may read everything on the host.
    """
    suspects = {**arrays, **{f"parameter {name!r}": param[name].x for name in param}}
    for name, values in suspects.items():
        place = first_bad(param.backend.to_numpy(values))
        if place is not None:
            remedy = "lower the learning rate" if name.startswith("parameter") else "clean the data"
            return NotFiniteError(f"{what}: {name.replace('_', ' ')} is not finite at index {place}; {remedy}")
    return NotFiniteError(f"{what}, though all inputs are finite: it overflowed; scale the data or the learning rate")


def first_bad(values: Array) -> tuple[int, ...] | None:
    """The index of the first NaN or infinity of a host array, or None.

    >>> import numpy as np
    >>> first_bad(np.asarray([[0.0, 1.0], [2.0, np.nan]]))
    (1, 1)
    """
    bad = ~(abs(values) < math.inf)  # NaN compares false
    if not bad.any():
        return None
    return tuple(int(axis[0]) for axis in bad.nonzero()) if values.ndim else ()
