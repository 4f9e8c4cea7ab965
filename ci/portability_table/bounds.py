"""How far numbers may be apart, from how far the machine itself carries a rounding."""

SLACK = 50  # drifts: an update rounds in every operation, where the drift is of one rounding of each parameter
FLOOR = 2.0**-24  # a drift is never less than one rounding to float32: a probe alone makes as much

ROUNDINGS = {"float32": 1.0, "float64": 2.0**-29}  # in units of a rounding to float32: 2^-53 / 2^-24
CEILING = {"float32": 1e-3, "float64": 1e-9}  # beyond this, numbers are not the same, whatever the machine does


def bound(drift: float, dtype: str) -> float:
    """The difference that a place of this dtype may show where rounding parameters to float32 makes `drift`."""
    return min(SLACK * drifts(drift, dtype), CEILING[dtype])


def drifts(drift: float, dtype: str) -> float:
    """One drift of a place of this dtype."""
    return max(drift, FLOOR) * ROUNDINGS[dtype]
