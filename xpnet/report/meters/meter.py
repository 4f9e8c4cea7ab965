"""A measure over batches, so that a test set need not be held at once."""

from collections.abc import Callable
from typing import Generic, ParamSpec, Protocol, Self, TypeVar, final

from xpnet.errors import DataError


class Addable(Protocol):
    """What is known of one part and, added, of both."""

    def __add__(self, other: Self, /) -> Self: ...


Arguments = ParamSpec("Arguments")
Measured = TypeVar("Measured", bound=Addable)


@final
class Meter(Generic[Arguments, Measured]):
    """Σ measure(batch) over the batches that were added: `add` takes what the measure takes.

    >>> import numpy as np
    >>> from xpnet.report.meters import count
    >>> meter = Meter(count)
    >>> for answered, desired in (([1, 0], [1, 1]), ([2], [2])):
    ...     meter.add(np.asarray(answered), np.asarray(desired))
    >>> meter.total
    Counts(correct=2, errors=1, rejected=0)
    """

    def __init__(self, measure: Callable[Arguments, Measured]) -> None:
        self.measure = measure
        self._total: Measured | None = None

    def add(self, *batch: Arguments.args, **named: Arguments.kwargs) -> None:
        """Measure one more batch."""
        measured = self.measure(*batch, **named)
        self._total = measured if self._total is None else self._total + measured

    @property
    def total(self) -> Measured:
        """What was measured over all batches; DataError before the first."""
        if self._total is None:
            name = getattr(self.measure, "__name__", "measure")
            msg = f"the meter of {name} has seen no batch, so there is nothing to tell; call add(...) first"
            raise DataError(msg)
        return self._total
