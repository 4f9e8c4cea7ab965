"""Numbers of fewer binary digits, by NumPy in float64."""

import numpy as np


def rounded(x, digits):
    """x with so many digits, to nearest: 8 are bfloat16, 11 float16 within its range."""
    fraction, exponent = np.frexp(x.astype(np.float32).astype(np.float64))
    return np.ldexp(np.round(fraction * 2**digits) / 2**digits, exponent)
