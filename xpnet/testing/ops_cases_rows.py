"""Cases for the conformance kit: sums over some rows of a table, and rows replaced."""

from collections.abc import Callable
from math import prod
from typing import TypeAlias

import numpy as np

from xpnet._typing import Shape
from xpnet.testing.ops_draw import Draw

Shapes: TypeAlias = Callable[[Draw, Shape], tuple[object, ...]]


def _sum(count: int, row: Shape, shorten: bool) -> Shapes:
    """Numbers that repeat, and as `among` all of them or the first few: their first is the same."""

    def make(draw: Draw, lead: Shape) -> tuple[object, ...]:
        n = prod(lead)
        ids = draw.generator.integers(count, size=n)
        return ids, draw(n, *row, 1)[..., 0], ids[: -(-n // 2)] if shorten else ids.copy()

    return make


def _replace(count: int, row: Shape) -> Shapes:
    def make(draw: Draw, lead: Shape) -> tuple[object, ...]:
        ids = draw.generator.integers(count, size=prod(lead))
        return draw.plain(count, *row), ids, draw.plain(count, *row)[ids]

    return make


ROW_SHAPES: dict[str, dict[str, Shapes]] = {
    "sum_rows": {
        "few numbers": _sum(3, (4,), shorten=False),
        "many numbers": _sum(1000, (1,), shorten=False),
        "among a few": _sum(5, (2,), shorten=True),
        "rows of two axes": _sum(4, (2, 3), shorten=False),
        "rows of no axis": _sum(4, (), shorten=True),
        "no number is asked for": lambda draw, lead: (*_sum(4, (2,), shorten=True)(draw, lead)[:2], np.zeros(0, int)),
    },
    "replace_rows": {
        "rows of one axis": _replace(6, (3,)),
        "rows of two axes": _replace(50, (2, 1)),
        "rows of no axis": _replace(6, ()),
        "a table of one": _replace(1, (2,)),
    },
}
