"""What replication by broadcasting costs: a sum of parts of unlike lead axes, and its pullback to one of them."""

from collections.abc import Sequence
from math import prod

from xpnet._typing import Array, Namespace, Shape
from xpnet.ops.broadcast import sum_to


def replicated_sum(xp: Namespace, parts: Sequence[Array]) -> Array:
    """Σ_k x_k for arrays whose lead axes broadcast; small ones are added first, before they are replicated."""
    total, *rest = sorted(parts, key=lambda part: prod(part.shape))
    for part in rest:
        total = part + total
    return total


def replica_sum(xp: Namespace, dx: Array, shape: Shape) -> Array:
    """Σ dx over every axis along which `shape` was broadcast: the pullback of `replicated_sum` to one part."""
    return sum_to(dx, shape)
