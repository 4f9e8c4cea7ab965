"""Where a descent begins."""

from xpnet._typing import Array
from xpnet.inference.landscape import Landscape
from xpnet.streams import stream


def starting_points(landscape: Landscape, start: Array, restarts: int, spread: float, seed: int) -> Array:
    """(R, *lead, n): the start of every replica, and R - 1 points around each."""
    xp, backend = landscape.xp, landscape.backend
    value = landscape.replicas(landscape.flat(start))[None, ...]
    if restarts == 1:
        return value
    # Not drawn anew for each replica, so that a sample's answer does not depend on its batch.
    shape = (restarts - 1, *(1,) * (value.ndim - 2), value.shape[-1])
    drawn = backend.asarray(spread * stream(seed, "descent").standard_normal(shape))
    return xp.concat([value, value + drawn], axis=0)
