"""Cases for the conformance kit: what each primitive is called with, on the host in float64.

A shape of call is crossed with lead axes, kinds of values and memory layouts. Cotangents, weights and probabilities
stay ordinary numbers; the kind of a case decides the values of what a machine is fed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from xpnet._typing import HostArray, Shape
from xpnet.testing.ops_cases_composites import COMPOSITE_SHAPES
from xpnet.testing.ops_cases_labels import LABEL_SHAPES, at_labels
from xpnet.testing.ops_cases_rbf import RBF_SHAPES
from xpnet.testing.ops_cases_rows import ROW_SHAPES
from xpnet.testing.ops_cases_updates import UPDATE_SHAPES
from xpnet.testing.ops_cases_windows import WINDOW_SHAPES
from xpnet.testing.ops_draw import Draw

LEADS: dict[str, Shape] = {
    "one vector": (),
    "one row": (1,),
    "two rows": (2,),
    "few rows": (3,),
    "many rows": (40,),
    "higher lead axes": (2, 1, 3),
    "an empty batch": (0,),
}
KINDS = ("ordinary", "large", "infinite", "nan")
LAYOUTS = ("plain", "strided", "transposed", "broadcast", "read-only")
BETAS = (1.0, -2.0, 1e-8, -1e-8, 30.0)

# Results that may be views of an argument: states never write into arrays, so nobody can tell.
MAY_ALIAS = frozenset({"linear_vjp_bias", "concatenate_vjp", "replicated_sum", "replica_sum"})
# Primitives that find places, and what to compare instead, from float64 arguments and results on the host: equal values
# may change places, and so may values that differ by less than rounding.
SEEN_THROUGH: dict[str, Callable[[Sequence[Any], Sequence[HostArray]], list[HostArray]]] = {"search_labels": at_labels}
# Primitives that own their arguments and may write into them.
MAY_WRITE = frozenset({"sgd", "diag_lm", "replace_rows"})


@dataclass(frozen=True)
class OpCase:
    """One call of a primitive: arguments on the host (arrays, lists of arrays, numbers) and their layout in memory."""

    name: str
    args: tuple[object, ...]
    layout: str = "plain"


Shapes: TypeAlias = Callable[[Draw, Shape], tuple[object, ...]]


def _gibbs(make: Callable[[Draw, Shape, int], tuple[object, ...]]) -> dict[str, Shapes]:
    def shapes(beta: float, k: int) -> Shapes:
        return lambda draw, lead: (*make(draw, lead, k), beta)

    return {f"beta={beta}, K={k}": shapes(beta, k) for beta in BETAS for k in (1, 4)}


def _desired(lead: Shape, k: int) -> HostArray:
    """An answer of each sample, all of them in turn."""
    return np.arange(int(np.prod(lead))).reshape(lead) % k


def _pairs(with_cotangent: bool) -> dict[str, Shapes]:
    """Matching lead axes, and every way in which samples meet a label set; centred and far from the origin."""

    def shapes(x_event: Shape, y: Shape | None, offset: float = 0.0) -> Shapes:
        def make(draw: Draw, lead: Shape) -> tuple[object, ...]:
            x, other = draw(*lead, *x_event) + offset, draw.plain(*(lead + x_event if y is None else y)) + offset
            lead_out = np.broadcast_shapes(x.shape, other.shape)[:-1]
            return (draw.plain(*lead_out), x, other) if with_cotangent else (x, other)

        return make

    return {
        "elementwise": shapes((4,), None),
        "samples and one label set": shapes((1, 4), (5, 4)),
        "samples and one label set far out": shapes((1, 4), (5, 4), offset=1e3),
        "samples and one label set with a batch axis": shapes((1, 4), (1, 5, 4)),
        "one label set on the first port": lambda draw, lead: _swapped(shapes((1, 4), (5, 4))(draw, lead)),
        "a label set of one": shapes((1, 4), (1, 4)),
        "one component": shapes((1,), None),
    }


def _swapped(args: tuple[object, ...]) -> tuple[object, ...]:
    *cotangent, x, y = args
    return (*cotangent, y, x)


def _one(*widths: int) -> dict[str, Shapes]:
    def shapes(n: int) -> Shapes:
        return lambda draw, lead: (draw(*lead, n),)

    return {f"width {n}": shapes(n) for n in widths}


def _two(*widths: int) -> dict[str, Shapes]:
    def shapes(n: int) -> Shapes:
        return lambda draw, lead: (draw.plain(*lead, n), draw(*lead, n))

    return {f"width {n}": shapes(n) for n in widths}


def _likelihood_vjp(labels: int) -> Shapes:
    """Four answers, and labels of which some may point nowhere."""

    def make(draw: Draw, lead: Shape) -> tuple[object, ...]:
        return draw.plain(*lead), draw(*lead, 4), _desired(lead, labels), draw.distribution(*lead, 4)

    return make


SHAPES: dict[str, dict[str, Shapes]] = {
    "linear": {
        "with bias": lambda draw, lead: (draw(*lead, 5), draw.plain(3, 5), draw.plain(3)),
        "without bias": lambda draw, lead: (draw(*lead, 5), draw.plain(3, 5), None),
        "one component": lambda draw, lead: (draw(*lead, 1), draw.plain(1, 1), draw.plain(1)),
    },
    "linear_vjp_x": {"dy and W": lambda draw, lead: (draw(*lead, 3), draw.plain(3, 5))},
    "linear_squared_vjp_x": {"ddy and W": lambda draw, lead: (draw(*lead, 3), draw.plain(3, 5))},
    "linear_vjp_weight": {"dy and x": lambda draw, lead: (draw.plain(*lead, 3), draw(*lead, 5))},
    "linear_squared_vjp_weight": {"ddy and x": lambda draw, lead: (draw.plain(*lead, 3), draw(*lead, 5))},
    "linear_vjp_bias": _one(1, 3),
    "linear_squared_vjp_bias": _one(1, 3),
    **{noun: _one(1, 6) for noun in ("tanh", "scaled_tanh", "sigmoid", "relu")},
    **{f"{noun}_vjp": _two(1, 6) for noun in ("tanh", "scaled_tanh", "sigmoid", "relu")},
    **{f"{noun}_squared_vjp": _two(1, 6) for noun in ("tanh", "scaled_tanh", "sigmoid", "relu")},
    **{noun: _gibbs(lambda draw, lead, k: (draw(*lead, k),)) for noun in ("softmax", "logsum", "surprisal")},
    "logsum_vjp": _gibbs(lambda draw, lead, k: (draw.plain(*lead), draw(*lead, k))),
    "logsum_squared_vjp": _gibbs(lambda draw, lead, k: (draw.plain(*lead), draw(*lead, k))),
    "softmax_vjp": _gibbs(lambda draw, lead, k: (draw(*lead, k), draw.distribution(*lead, k))),
    "softmax_squared_vjp": _gibbs(lambda draw, lead, k: (draw(*lead, k), draw.distribution(*lead, k))),
    "likelihood": {
        **_gibbs(lambda draw, lead, k: (draw(*lead, k), _desired(lead, k))),
        "labels that point nowhere": lambda draw, lead: (draw(*lead, 3), _desired(lead, 5) - 1, 1.0),
    },
    "likelihood_vjp": {f"labels of {n}": _likelihood_vjp(n) for n in (1, 4, 6)},
    "euclidean": _pairs(with_cotangent=False),
    "euclidean_vjp": _pairs(with_cotangent=True),
    "euclidean_squared_vjp": _pairs(with_cotangent=True),
    "euclidean_curvature": {"dE and x": lambda draw, lead: (draw.plain(*lead, 5), draw(*lead, 1, 3))},
    "concatenate": {
        "same lead axes": lambda draw, lead: ([draw(*lead, 2), draw(*lead, 1), draw(*lead, 3)],),
        "broadcast lead axes": lambda draw, lead: ([draw(*lead, 1, 2), draw.plain(4, 3)],),
        "one part": lambda draw, lead: ([draw(*lead, 2)],),
    },
    "select": {
        "labels in range": lambda draw, lead: (draw(*lead, 4), _desired(lead, 4)),
        "one answer": lambda draw, lead: (draw(*lead, 1), np.zeros(lead, dtype=np.int64)),
    },
    "replicated_sum": {
        "sample, labels and bias": lambda draw, lead: ([draw(*lead, 1, 3), draw.plain(5, 3), draw.plain(3)],),
        "samples and labels": lambda draw, lead: ([draw.plain(5, 3), draw(*lead, 1, 3)],),
        "latent values between": lambda draw, lead: ([draw(*lead, 1, 1, 2), draw.plain(3, 1, 2), draw.plain(4, 2)],),
        "one part": lambda draw, lead: ([draw(*lead, 2)],),
    },
    "replica_sum": {
        "over labels": lambda draw, lead: (draw(*lead, 5, 3), (*lead, 1, 3)),
        "over samples": lambda draw, lead: (draw(*lead, 5, 3), (5, 3)),
        "over both": lambda draw, lead: (draw(*lead, 5, 3), (1, 3)),
        "over nothing": lambda draw, lead: (draw(*lead, 5, 3), (*lead, 5, 3)),
        "over components": lambda draw, lead: (draw(*lead, 5, 3), (5, 1)),
    },
    "concatenate_vjp": {"three parts": lambda draw, lead: (draw(*lead, 6), (2, 1, 3))},
    **COMPOSITE_SHAPES,
    **WINDOW_SHAPES,
    **ROW_SHAPES,
    **LABEL_SHAPES,
    **UPDATE_SHAPES,
    **RBF_SHAPES,
}


def cases(primitive: str) -> Iterator[OpCase]:
    """All cases of one primitive."""
    writes = primitive in MAY_WRITE
    for shape, make in SHAPES[primitive].items():
        for where, lead in LEADS.items():
            yield OpCase(f"{shape}, {where}", make(Draw(f"{primitive} {shape} {where}", "ordinary"), lead))
        for kind in () if writes else KINDS[1:]:
            yield OpCase(f"{shape}, {kind} values", make(Draw(f"{primitive} {shape} {kind}", kind), (4,)))
        for layout in () if writes else LAYOUTS[1:]:
            for where in ("few rows", "higher lead axes"):
                draw = Draw(f"{primitive} {shape} {where} {layout}", "ordinary")
                yield OpCase(f"{shape}, {where}, {layout} arguments", make(draw, LEADS[where]), layout)
