"""Where each parameter lies in one long vector."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from xpnet._typing import Shape

ALIGNMENT = 128  # bytes: a cache line pair on CPUs, a full memory transaction on GPUs


@dataclass(frozen=True)
class Slot:
    """One parameter's place: elements start to start + size of the vector, in this shape."""

    start: int
    size: int
    shape: Shape

    @property
    def stop(self) -> int:
        """The first element after this slot."""
        return self.start + self.size


def lay_out(shapes: Mapping[str, Shape], itemsize: int) -> tuple[dict[str, Slot], int]:
    """Slots in the order given, each aligned to 128 bytes, and the length of the vector.

    >>> slots, length = lay_out({"weight": (3, 5), "bias": (3,)}, itemsize=4)
    >>> slots["bias"], length
    (Slot(start=32, size=3, shape=(3,)), 64)
    """
    step = ALIGNMENT // itemsize
    slots: dict[str, Slot] = {}
    end = 0
    for name, shape in shapes.items():
        slots[name] = Slot(end, prod(shape), tuple(shape))
        end += -(-slots[name].size // step) * step
    return slots, end
