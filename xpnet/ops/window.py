"""Windows that slide along an axis: which steps of the input each position of the output sees."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

from array_api_compat import device

from xpnet._typing import Array, Namespace, Shape
from xpnet.checks import whole


@dataclass(frozen=True)
class Window:
    """Position p sees the steps stride·p + dilation·j, j = 0 … width-1; windows that stick out do not count.

    >>> window = Window(3, stride=2)
    >>> window.reach, window.positions(8), [window.step(1, j) for j in range(3)]
    (3, 3, [2, 3, 4])
    """

    width: int
    stride: int = 1
    dilation: int = 1

    def __post_init__(self) -> None:
        for name in ("width", "stride", "dilation"):
            whole(getattr(self, name), f"{name}, of a window,")

    @property
    def reach(self) -> int:
        """How many steps lie from the first to the last one seen, both counted."""
        return self.dilation * (self.width - 1) + 1

    def positions(self, length: int) -> int:
        """How many windows fit into `length` steps; none if it is shorter than one."""
        return max((length - self.reach) // self.stride + 1, 0)

    def step(self, position: int, offset: int) -> int:
        """The input step that `position` sees at `offset`."""
        return self.stride * position + self.dilation * offset

    def steps(self, offset: int, positions: int) -> slice:
        """The steps at one offset of all windows."""
        first = self.step(0, offset)
        return slice(first, self.step(positions - 1, offset) + 1 if positions else first, self.stride)


Windows: TypeAlias = tuple[Window, ...]  # one for each axis they slide along: time, or the height and width of images


def along_one_or_two(over: Windows, sizes: Shape, work: int) -> bool:
    """Whether there is something to do along one axis or two, the cases that libraries have convolutions for."""
    return len(over) in (1, 2) and work > 0 and all(w.positions(n) for w, n in zip(over, sizes, strict=True))


def offsets(over: Windows) -> Iterator[Shape]:
    """Every place in a window, the last axis fastest."""
    return product(*(range(window.width) for window in over))


def lengths(x: Array, over: Windows) -> Shape:
    """The sizes of the axes that the windows slide along: all but the last (features), behind the lead axes."""
    return tuple(x.shape[-1 - len(over) : -1])


def part(x: Array, over: Windows, offset: Shape) -> Array:
    """x (…, *lengths, F) at one place of all windows: (…, *positions, F)."""
    axes = zip(over, offset, lengths(x, over), strict=True)
    return x[(..., *(window.steps(j, window.positions(length)) for window, j, length in axes), slice(None))]


def spread(xp: Namespace, dy: Array, over: Windows, sizes: Shape) -> Array:
    """dy (…, *positions, F) with each position at the step where its window starts, and zeros around.

    reach - 1 zeros come first on each axis, so that `back_part` reads the same array for every offset: a sum over
    offsets is a pullback without any scatter.
    """
    for axis, (window, size) in enumerate(zip(over, sizes, strict=True), start=-1 - len(over)):
        dy = _pad(xp, _stretch(xp, dy, axis, window.stride), axis, window.reach - 1, size + window.reach - 1)
    return dy


def back_part(spreaded: Array, over: Windows, offset: Shape, sizes: Shape) -> Array:
    """For every input step, dy of the position that sees it at this offset (…, *sizes, F); zero if there is none."""
    starts = [window.reach - 1 - window.dilation * j for window, j in zip(over, offset, strict=True)]
    cuts = (slice(start, start + size) for start, size in zip(starts, sizes, strict=True))
    return spreaded[(..., *cuts, slice(None))]


def _stretch(xp: Namespace, x: Array, axis: int, stride: int) -> Array:
    """stride - 1 zeros between neighbours along an axis."""
    if stride == 1:
        return x
    before, size, after = x.shape[:axis], x.shape[axis], x.shape[axis:][1:]
    gaps = _zeros(xp, x, (*before, size, stride - 1, *after))
    wide = xp.concat([xp.reshape(x, (*before, size, 1, *after)), gaps], axis=axis)
    wide = xp.reshape(wide, (*before, size * stride, *after))
    return wide[(..., slice(0, (size - 1) * stride + 1), *(slice(None),) * len(after))]


def _pad(xp: Namespace, x: Array, axis: int, before: int, length: int) -> Array:
    """Zeros before x along an axis, and behind it up to `length`."""

    def zeros(count: int) -> Array:
        return _zeros(xp, x, (*x.shape[:axis], count, *x.shape[axis:][1:]))

    return xp.concat([zeros(before), x, zeros(length - before - x.shape[axis])], axis=axis)


def _zeros(xp: Namespace, like: Array, shape: Shape) -> Array:
    return xp.zeros(shape, dtype=like.dtype, device=device(like))
