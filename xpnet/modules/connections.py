"""Connection tables: which input maps feed which output maps of a convolution over images."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from xpnet._typing import Generator, HostArray, Shape
from xpnet.errors import ShapeError
from xpnet.parameters.initializers import Initializer

ConnectionTable: TypeAlias = Sequence[tuple[int, int]]  # pairs (input map, output map)


def table_of(inputs: Iterable[Iterable[int]]) -> list[tuple[int, int]]:
    """The table in which output map k reads the input maps inputs[k].

    >>> table_of([[0], [0, 1]])
    [(0, 0), (0, 1), (1, 1)]
    """
    return [(source, target) for target, sources in enumerate(inputs) for source in sources]


def checked_table(table: ConnectionTable, in_features: int, out_features: int) -> list[tuple[int, int]]:
    """The table as a list; ShapeError if it names maps that do not exist, or a pair twice."""
    pairs = [(source, target) for source, target in table]
    strangers = [p for p in pairs if not (0 <= p[0] < in_features and 0 <= p[1] < out_features)]
    if strangers or len(set(pairs)) < len(pairs):
        wrong = f"{strangers[0]} names a map that does not exist" if strangers else "a pair stands twice"
        msg = f"connections between {in_features} input and {out_features} output maps: {wrong}"
        raise ShapeError(msg)
    if unfed := sorted(set(range(out_features)) - {target for _, target in pairs}):
        msg = f"output maps {unfed} have no connection; give each at least one input map"
        raise ShapeError(msg)
    return pairs


def places(pairs: Sequence[tuple[int, int]], in_features: int, out_features: int) -> tuple[list[int], list[int]]:
    """For every pair of maps its connection (or their number, for none), and for every connection its pair.

    Pairs are numbered with the output map first: output·in_features + input.
    """
    targets = [target * in_features + source for source, target in pairs]
    found = {target: connection for connection, target in enumerate(targets)}
    return [found.get(pair, len(pairs)) for pair in range(in_features * out_features)], targets


def connected_normal(pairs: Sequence[tuple[int, int]], area: int) -> Initializer:
    """N(0, 1/fan-in), where the fan-in is that of the output map: `area` weights from each map that feeds it."""
    fans = [area * sum(target == other for _, other in pairs) for _, target in pairs]

    def draw(generator: Generator, shape: Shape) -> HostArray:
        scale = [[[fan**-0.5]] for fan in fans]
        return generator.normal(0.0, 1.0, size=shape) * scale

    return draw
