"""The algorithm in W space that a parameter-space transform is equivalent to."""

from collections.abc import Iterator
from math import prod
from typing import final

from xpnet._typing import Array, Shape
from xpnet.errors import ParameterError
from xpnet.machines.reparameterized import Fed, Reparameterized
from xpnet.module import Module
from xpnet.parameters.parameter import Parameter
from xpnet.state import State

TILE = 256  # rows of the Jacobian at a time


@final
class WeightSpace(Module):
    """W ← W - η J Jᵀ g with J = ∂G/∂U: what descent on U does to W = G(U), done to W itself.

    Takes a Reparameterized machine. Here W is a parameter again, under its own name, and its dx becomes J Jᵀ g
    instead of g = ∂E/∂W; U stays a parameter too and takes Jᵀ g, so that J is known where the descent has come to.
    Any update by X ← X - η dX is then the equivalent algorithm. It agrees with descent on U to first order in η, and
    exactly for a linear G. Make the ParameterStore afterwards, then call `start`, which sets W = G(U).

    bprop is therefore no derivative of fprop with respect to W, on purpose; dx of the inputs is.
    """

    def __init__(self, reparameterized: Reparameterized) -> None:
        self.machine, self.feeds = reparameterized.machine, reparameterized.feeds
        for place, feed in self.feeds.items():
            if any(True for _ in feed.transform.named_parameters()):
                msg = f"the transform of {place!r} has parameters of its own: WeightSpace needs G of U alone"
                raise ParameterError(msg)
        self.weights = {
            place: Parameter(shape) for place, shape in zip(self.feeds, reparameterized.opened.shapes, strict=True)
        }
        reparameterized.opened.put(list(self.weights.values()))

    @property
    def event_ndims(self) -> tuple[int | None, ...]:  # type: ignore[override]
        """The machine's."""
        return self.machine.event_ndims

    @property
    def n_outputs(self) -> int:  # type: ignore[override]
        """As many as the machine has."""
        return self.machine.n_outputs

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Module, str, Parameter]]:
        """The machine's, W among them, then U."""
        yield from self.machine.named_parameters(prefix)
        for place, feed in self.feeds.items():
            yield from feed.named_parameters(f"{prefix}{place}.")

    def children(self) -> Iterator[tuple[str, Module]]:
        """The machine and what feeds it."""
        yield "machine", self.machine
        yield from self.feeds.items()

    def start(self) -> None:
        """W = G(U)."""
        for place, feed in self.feeds.items():
            value = State()
            feed.fprop(value)
            self.weights[place].x = value.x

    def fprop(self, *states: State) -> None:
        """The machine's fprop with W as it is."""
        self.machine.fprop(*states)

    def bprop(self, *states: State) -> None:
        """The machine's bprop; then dW becomes J Jᵀ dW, and dU += Jᵀ dW."""
        earlier = {place: weight.dx if weight.dx is None else weight.dx + 0.0 for place, weight in self.weights.items()}
        for weight in self.weights.values():
            weight.clear()
        self.machine.bprop(*states)
        for place, weight in self.weights.items():
            gradient = weight.dx
            if gradient is not None:
                gradient = pushed(self.feeds[place], pulled(self.feeds[place], gradient), weight.shape)
            weight.clear()
            for part in (earlier[place], gradient):
                if part is not None:
                    weight.accumulate(part)

    def bbprop(self, *states: State) -> None:
        """The machine's bbprop; W's ddx is W's own."""
        self.machine.bbprop(*states)


def pulled(feed: Fed, gradient: Array) -> list[Array]:
    """Jᵀ g for each U, which is accumulated there too."""
    value, sources = State(), [State(source.x) for source in feed.sources]
    feed.transform.fprop(*sources, value)
    value.accumulate(gradient)
    feed.transform.bprop(*sources, value)
    for source, own in zip(feed.sources, sources, strict=True):
        source.accumulate(own.cotangent)
    return [own.cotangent for own in sources]


def pushed(feed: Fed, directions: list[Array], shape: Shape) -> Array:
    """J v: the change of W = G(U) when U changes along v.

    A module has no forward derivative; but row n of J is its bprop of the n-th unit vector, and unit vectors may be
    evaluated together, as a batch: exact for every G, in tiles of rows, at the cost of a bprop for each number in W.
    """
    xp, backend = feed.xp, feed.backend
    count, rows = prod(shape), []
    for start in range(0, count, TILE):
        height = min(TILE, count - start)
        sources = [State(xp.broadcast_to(s.x, (height, *s.x.shape))) for s in feed.sources]
        value = State()
        feed.transform.fprop(*sources, value)
        unit = xp.eye(height, count, k=start, dtype=backend.dtype, device=backend.device)
        value.accumulate(xp.reshape(unit, (height, *shape)))
        feed.transform.bprop(*sources, value)
        rows.append(sum(_product(feed, s.cotangent, v) for s, v in zip(sources, directions, strict=True)))
    return xp.reshape(xp.concat(rows), shape)


def _product(feed: Fed, jacobian: Array, direction: Array) -> Array:
    xp = feed.xp
    return xp.matmul(xp.reshape(jacobian, (jacobian.shape[0], -1)), xp.reshape(direction, (-1,)))
