"""What running reductions over tiles of energies share: where tiles lie, and how a sum follows a falling minimum."""

from collections.abc import Iterator

from xpnet._typing import Array, Namespace


def spans(n_labels: int, size: int) -> Iterator[tuple[int, int]]:
    """Where tiles start and stop.

    >>> list(spans(5, 2))
    [(0, 2), (2, 4), (4, 5)]
    """
    return ((start, min(start + size, n_labels)) for start in range(0, n_labels, size))


def lowered(xp: Namespace, extreme: Array | None, energies: Array, beta: float) -> tuple[Array, Array]:
    """The lowest energy so far (...), and by what a sum of exp(-β (E - lowest)) over earlier tiles is multiplied."""
    here = xp.min(energies, axis=-1)
    if extreme is None:  # before the first tile
        return here, xp.zeros_like(here)
    lowest = xp.where((here < extreme) | xp.isnan(here), here, extreme)
    return lowest, xp.where(xp.isinf(extreme), 0.0, xp.exp(-beta * (extreme - _finite(xp, lowest))))


def weights_above(xp: Namespace, energies: Array, level: Array, beta: float) -> Array:
    """exp(-β (E - level)) for energies (..., T) and a level (...); an infinite level counts as 0: exp(-∞) is 0."""
    return xp.exp(-beta * (energies - _finite(xp, level)[..., None]))


def free_energy(xp: Namespace, extreme: Array, total: Array, beta: float) -> Array:
    """extreme - 1/β log(total); where all energies are +∞, so is this."""
    return extreme - xp.log(xp.where(total == 0, 1.0, total)) / beta


def _finite(xp: Namespace, level: Array) -> Array:
    return xp.where(xp.isinf(level), 0.0, level)
