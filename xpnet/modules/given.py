"""Fixed numbers as a wire."""

from functools import cached_property
from typing import Any, ClassVar, final

from xpnet._typing import Array
from xpnet.module import Module
from xpnet.state import State


@final
class Given(Module):
    """Y = C: given numbers, nested lists or a host array, as the output of a box without inputs.

    >>> y = State()
    >>> Given([1.0, 2.0]).fprop(y)
    >>> y.x.tolist()
    [1.0, 2.0]
    """

    event_ndims: ClassVar[tuple[int | None, ...]] = ()

    def __init__(self, values: Any) -> None:
        self.values = values

    def fprop(self, output: State) -> None:
        """Y = C."""
        output.x = self.placed

    def bprop(self, output: State) -> None:
        """A constant takes no gradient."""

    def bbprop(self, output: State) -> None:
        """Nor a second derivative."""

    @cached_property
    def placed(self) -> Array:
        """The numbers on the backend."""
        return self.backend.asarray(self.values)

    def _forget_backend(self) -> None:
        super()._forget_backend()
        vars(self).pop("placed", None)
