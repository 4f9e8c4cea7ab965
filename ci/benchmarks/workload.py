"""What a workload is: cases, an exact answer for each, and contestants that must give it before they are timed."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.libraries import Libraries
from benchmarks.timing import CHUNK, Runner

TOLERANCE = 1e-4  # of the largest value: float32 leaves two decimal digits of room
PROVED = 256  # samples: of a larger batch so many are proved, evenly spread

Answer = Mapping[str, Any]  # arrays on the host, by name


@dataclass(frozen=True)
class Extent:
    """How much of a workload is wanted: few cases or all, on a processor or a GPU, or batches of given sizes."""

    quick: bool = False
    gpu: bool = False
    batches: tuple[int, ...] = field(default=())

    def sizes(self) -> tuple[int, ...]:
        """The batch sizes of this session."""
        if self.batches:
            return self.batches
        if self.gpu:
            return (1, 512) if self.quick else (1, 8, 64, 512, 8192)
        return (1, 32, 256)


@dataclass(frozen=True)
class Entry:
    """A contestant at the start: what it answers, computed apart from what is timed, and the timed step."""

    runner: Runner
    answer: Callable[[], Answer]


@dataclass(frozen=True)
class Contestant:
    """One implementation of one case; what it needs is made when it enters."""

    name: str
    enter: Callable[[], Entry]


class Workload(ABC):
    """One kind of work, at several sizes. A new one is a new file in workloads/ and a line in its __init__."""

    name: str
    title: str
    chunk: float = CHUNK  # seconds of one turn; a long one times a step as it runs in a loop of its own, caches warm

    @abstractmethod
    def cases(self, extent: Extent) -> Iterable[Any]:
        """The sizes, each an object whose str is its row's name."""

    @abstractmethod
    def exact(self, case: Any) -> Answer:
        """The right answer in float64, by the textbook formula."""

    @abstractmethod
    def contestants(self, case: Any, libraries: Libraries) -> Iterable[Contestant]:
        """xpnet first, then every peer that is present."""

    def flops(self, case: Any) -> int | None:
        """Operations of the matrix products that the work consists of; None where it consists of more."""
        return None

    def traffic(self, case: Any) -> int | None:
        """Bytes that must pass between memory and processor, however it is done; None where nobody counted."""
        return None


class Disagreement(Exception):
    """A contestant computes something else, so that its time would mean nothing."""


def compare(name: str, entry: Entry, exact: Answer) -> float:
    """The largest error of a contestant's answer, relative to the largest exact value of each array."""
    answer = entry.answer()
    worst = 0.0
    for what, right in exact.items():
        given = np.asarray(answer[what], dtype=np.float64).reshape(right.shape)
        error = float(np.max(np.abs(given - right)) / np.max(np.abs(right)))
        if not error <= TOLERANCE:  # NaN is a disagreement too
            msg = f"{name} gives {what} with relative error {error:.2g}, more than {TOLERANCE:g}"
            raise Disagreement(msg)
        worst = max(worst, error)
    return worst


def proved(batch: int) -> Any:
    """Which samples of a batch are compared with the exact answer."""
    return np.unique(np.linspace(0, batch - 1, PROVED).astype(int))
