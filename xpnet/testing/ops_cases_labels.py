"""Cases for the conformance kit: label sets that pass in tiles."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, nan, prod
from typing import Any, TypeAlias

import numpy as np

from xpnet._typing import HostArray, Shape
from xpnet.testing.ops_draw import Draw

Shapes: TypeAlias = Callable[[Draw, Shape], tuple[object, ...]]
WIDTH = 5


@dataclass(frozen=True)
class LabelSet:
    """What kind of label set it is, and in which tiles it passes."""

    metric: str
    labels: int = 40
    size: int = 16
    offset: float = 0.0  # how far from the origin samples and codes lie
    bias: str = ""  # "", "for labels", "for pairs"
    forbidden: tuple[int, int] = (0, 0)  # from, to: labels with a bias of +∞
    spoilt: float = 0.0  # a number in one code

    def draw(self, draw: Draw, lead: Shape) -> tuple[Any, Any, str, Any]:
        """h (B, d), codes (K, d), metric and bias; the samples are of the kind of the case."""
        batch = prod(lead)
        h, codes = draw(batch, WIDTH) + self.offset, draw.plain(self.labels, WIDTH) + self.offset
        bias = None
        if self.bias:
            bias = draw.plain(*{"for labels": (self.labels,), "for pairs": (batch, self.labels)}[self.bias])
            bias[..., slice(*self.forbidden)] = inf
        if self.spoilt:
            codes[self.labels // 2, 1] = self.spoilt
        return h, codes, self.metric, bias


SETS = {
    "distances": LabelSet("euclidean"),
    "products": LabelSet("inner"),
    "distances far out": LabelSet("euclidean", offset=1e3),
    "distances, one label": LabelSet("euclidean", labels=1),
    "distances, one tile": LabelSet("euclidean", size=1000),
    "distances, several tiles of any size": LabelSet("euclidean", labels=600, size=1000),
    "distances, bias for labels": LabelSet("euclidean", bias="for labels"),
    "distances, bias for pairs": LabelSet("euclidean", bias="for pairs"),
    "distances, first labels forbidden": LabelSet("euclidean", bias="for labels", forbidden=(0, 20)),
    "products, last labels forbidden": LabelSet("inner", bias="for labels", forbidden=(30, 40)),
    "distances, all labels forbidden": LabelSet("euclidean", bias="for labels", forbidden=(0, 40)),
    "products, all labels forbidden": LabelSet("inner", bias="for labels", forbidden=(0, 40)),
    "distances, NaN in a code": LabelSet("euclidean", spoilt=nan),
    "products, NaN in a code": LabelSet("inner", spoilt=nan),
    "distances, an infinite code": LabelSet("euclidean", spoilt=inf),
}


def _searched(labels: LabelSet, count: int) -> Shapes:
    return lambda draw, lead: (*labels.draw(draw, lead), count, labels.size)


def _summed(labels: LabelSet, beta: float) -> Shapes:
    return lambda draw, lead: (*labels.draw(draw, lead), beta, labels.size)


def _pulled(labels: LabelSet, beta: float) -> Shapes:
    """f is what these labels have; energies stay small, as rounding it is a factor in every weight."""

    def make(draw: Draw, lead: Shape) -> tuple[object, ...]:
        draw.kind = "ordinary" if draw.kind == "large" else draw.kind
        given = labels.draw(draw, lead)
        energies = energies_of(*given)
        with np.errstate(all="ignore"):
            lowest = np.min(energies, axis=-1, keepdims=True)
            total = np.sum(np.exp(-beta * (energies - np.where(np.isinf(lowest), 0.0, lowest))), axis=-1)
            f = np.where(total == 0.0, inf, lowest[:, 0] - np.log(total) / beta)
        return draw.plain(prod(lead)), f, *given, beta, labels.size

    return make


def energies_of(h: HostArray, codes: HostArray, metric: str, bias: HostArray | None) -> HostArray:
    """All energies (B, K), by differences."""
    with np.errstate(all="ignore"):
        if metric == "euclidean":
            energies = 0.5 * np.sum((h[:, None, :] - codes) ** 2, axis=-1)
        else:
            energies = -np.matmul(h, codes.T)
        return energies if bias is None else energies + bias


def at_labels(args: Sequence[Any], results: Sequence[HostArray]) -> list[HostArray]:
    """Found labels seen through their energies, as equal ones may change places; NaN where one is named twice."""
    energies, labels = results
    through = np.take_along_axis(energies_of(*args[:4]), labels, axis=-1)
    in_order = np.sort(labels, axis=-1)
    return [energies, np.where(np.any(in_order[:, 1:] == in_order[:, :-1], axis=-1)[:, None], nan, through)]


LABEL_SHAPES: dict[str, dict[str, Shapes]] = {
    "search_labels": {
        f"{name}, the lowest {count}": _searched(labels, min(count, labels.labels))
        for name, labels in SETS.items()
        for count in (1, 3, 40)
    },
    "label_logsum": {
        f"{name}, beta={beta}": _summed(labels, beta) for name, labels in SETS.items() for beta in (1.0, 0.1)
    },
    "label_logsum_vjp_codes": {f"{name}, beta=0.5": _pulled(labels, 0.5) for name, labels in SETS.items()},
}
