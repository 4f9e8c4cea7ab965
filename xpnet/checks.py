"""Numbers and shapes that callers hand in, checked where they come in."""

from collections.abc import Sequence
from numbers import Integral, Real
from typing import TypeGuard

from xpnet._typing import Shape
from xpnet.errors import ShapeError, XpnetError


def whole(value: object, what: str, *, least: int = 1, error: type[XpnetError] = ShapeError) -> int:
    """The value as an int; an error unless it is an integer of at least `least`.

    >>> whole(3, "top")
    3
    """
    if _is_whole(value, least):
        return int(value)
    msg = f"{what} is an integer of at least {least}; got {value!r}"
    raise error(msg)


def real(value: object, what: str, *, error: type[XpnetError] = ShapeError) -> float:
    """The value as a float, infinity and NaN included; an error for what is not one real number, such as a text.

    >>> real(1, "beta")
    1.0
    """
    single = isinstance(value, Real) or (getattr(value, "shape", None) == () and kind_of(value) in ("i", "u", "f"))
    if single and not isinstance(value, bool):
        try:
            return float(value)  # type: ignore[arg-type]
        except OverflowError:  # an integer beyond all floats
            pass
    msg = f"{what} is a number; got {value!r}"
    raise error(msg)


def kind_of(values: object) -> str | None:
    """The first letter of an array's kind of numbers: i, u, f, c, or another; None for what is no array."""
    dtype = getattr(values, "dtype", None)
    kind: str | None = getattr(dtype, "kind", None)  # NumPy's is there at once
    if kind is None and dtype is not None:
        name = str(dtype).rpartition(".")[2]
        return "f" if name == "bfloat16" else name[:1]
    return kind


def shape_of(value: object, what: str) -> Shape:
    """The value as a shape; ShapeError unless it is a sequence of integers of at least 0.

    >>> shape_of([2, 3], "a batch")
    (2, 3)
    """
    sizes = tuple(value) if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray) else None
    if sizes is None or not all(_is_whole(size, 0) for size in sizes):
        msg = f"the shape of {what} is a tuple of integers of at least 0, such as (3,) or (2, 3); got {value!r}"
        raise ShapeError(msg)
    return tuple(map(int, sizes))


def _is_whole(value: object, least: int) -> TypeGuard[Integral]:
    return not isinstance(value, bool) and isinstance(value, Integral) and int(value) >= least
