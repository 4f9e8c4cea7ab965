"""A workload whose case is one step of gradient descent: its answer is the gradient, its contestants are shared."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from benchmarks import contestants as entrants
from benchmarks.libraries import Libraries
from benchmarks.workload import Answer, Contestant, Extent, Workload

Values: TypeAlias = dict[str, Any]  # parameters, by the names that xpnet's store gives them
Loss: TypeAlias = Callable[[Any, Values, tuple[Any, ...]], Any]  # (library, parameters, data) -> mean loss


@dataclass(frozen=True)
class Batch:
    """One batch size."""

    size: int
    words: str = ""

    def __str__(self) -> str:
        return f"batch {self.size}{self.words}"


class TrainingStep(Workload):
    """fprop, loss, bprop, SGD: a subclass says what the machine is, in xpnet, by hand, in torch and in JAX."""

    shapes: Mapping[str, tuple[int, ...]]  # of the parameters
    words: str = ""  # what a case's row says beside the batch size
    by_hand: bool = False  # whether `gradients` in float32 is worth a column of its own

    def initial(self) -> Values:
        """First values in float32, from a fixed seed: variance 1 over the last axis."""
        random = np.random.default_rng(0)
        return {
            name: (random.standard_normal(shape) / np.sqrt(shape[-1])).astype(np.float32)
            for name, shape in self.shapes.items()
        }

    @abstractmethod
    def data(self, size: int) -> tuple[Any, ...]:
        """Samples, labels, and the label set or nothing; labels are integers."""

    def tables(self) -> tuple[Any, ...]:
        """What torch and JAX get behind the data: constants that xpnet's machine holds itself."""
        return ()

    @abstractmethod
    def trainer(self, backend: Any) -> Any:
        """A public trainer of the machine, on a backend."""

    @abstractmethod
    def gradients(self, values: Values, data: tuple[Any, ...]) -> Values:
        """The gradient of the mean loss by hand, in the dtype of `values`."""

    @abstractmethod
    def torch_loss(self, torch: Any, values: Values, data: tuple[Any, ...]) -> Any:
        """The mean loss in torch, as one would write it there."""

    @abstractmethod
    def jax_loss(self, jax: Any, values: Values, data: tuple[Any, ...]) -> Any:
        """The mean loss in JAX."""

    def cases(self, extent: Extent) -> Iterable[Batch]:
        """The batch sizes."""
        return [Batch(size, self.words) for size in extent.sizes()]

    def exact(self, case: Batch) -> Answer:
        """The gradient in float64."""
        wide = (each.astype(np.float64) if each.dtype.kind == "f" else each for each in self.data(case.size))
        return self.gradients({name: value.astype(np.float64) for name, value in self.initial().items()}, tuple(wide))

    def contestants(self, case: Batch, libraries: Libraries) -> Iterable[Contestant]:
        """xpnet on each backend, eager and captured; by hand; the peers."""
        for name, backend, captured in libraries.ours():
            kind = entrants.CapturedStep if captured else entrants.XpnetStep
            yield self.contestant(name, partial(kind, self, case, backend, libraries.wait_for(backend)))
        if self.by_hand and libraries.backend.name == "numpy":
            yield self.contestant("numpy by hand", partial(entrants.NumpyStep, self, case))
        for name, kind, loss in self.torch_contestants(libraries) if libraries.torch is not None else []:
            yield self.contestant(name, partial(kind, self, case, libraries, loss))
        if libraries.jax is not None:
            yield self.contestant("jax jit", partial(entrants.JaxStep, self, case, libraries))

    def torch_contestants(self, libraries: Libraries) -> list[tuple[str, Any, Loss]]:
        """Column, class and loss of every way that torch takes part."""
        eager = [("torch eager", entrants.TorchStep), ("torch foreach", entrants.TorchForeachStep)]
        return [(name, kind, self.torch_loss) for name, kind in [*eager, *entrants.torch_compiled(libraries)]]

    def contestant(self, name: str, make: Any) -> Contestant:
        """A contestant from what makes its step for a learning rate."""
        return Contestant(name, partial(entrants.enter, name, make, self.initial()))

    def traffic(self, case: Batch) -> int:
        """Every parameter is read and written, every sample read."""
        numbers = sum(value.size for value in self.initial().values())
        return 8 * numbers + 4 * int(self.data(case.size)[0].size)
